import { parseQuery, withQuery, type Query } from "./query";

/** Where the reader is. The URL is the state: filters, ranges and the opened row all live in it. */
class Router {
  path = $state(location.pathname);
  query = $state.raw<Query>(parseQuery(location.search));

  start(): () => void {
    const pop = () => this.#read();
    const click = (event: MouseEvent) => this.#follow(event);
    addEventListener("popstate", pop);
    document.addEventListener("click", click);
    return () => {
      removeEventListener("popstate", pop);
      document.removeEventListener("click", click);
    };
  }

  go(url: string, options: { replace?: boolean } = {}): void {
    const leaves = new URL(url, location.origin).pathname !== this.path;
    if (options.replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    this.#read();
    if (leaves) scrollTo(0, 0);
  }

  /** Changes the query in place; typing and live adjustments replace the entry, choices may push one. */
  patch(patch: Record<string, string | null>, options: { push?: boolean } = {}): void {
    this.go(this.href(patch), { replace: !options.push });
  }

  /** This page's URL with its query patched. */
  href(patch: Record<string, string | null>): string {
    return withQuery(this.path, this.query, patch);
  }

  #read(): void {
    this.path = location.pathname;
    this.query = parseQuery(location.search);
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element | null)?.closest("a[href]");
    if (!(anchor instanceof HTMLAnchorElement) || anchor.target || anchor.download) return;
    if (anchor.origin !== location.origin || anchor.pathname.startsWith("/api/")) return;
    if (anchor.hash && anchor.pathname === this.path) return;
    event.preventDefault();
    this.go(anchor.pathname + anchor.search);
  }
}

export const router = new Router();
