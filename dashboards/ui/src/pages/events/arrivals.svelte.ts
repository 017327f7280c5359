import type { EventView } from "$/api/client";
import type { Resource } from "$/live/resource.svelte";
import { live } from "$/live/stream.svelte";

type Page = { items: EventView[]; next?: string | null };
type Fetch = (signal: AbortSignal) => Promise<Page>;

const QUIET_MS = 3000;
const POLL_MS = 15_000;

export function eventId(event: EventView): string {
  return `${event.source}/${event.offset}`;
}

/** New events wait here, counted, until the reader asks for them: rows must not move under the hand. */
export class Arrivals {
  #page = $state.raw<Page | null>(null);
  #shown: Resource<Page>;

  constructor(shown: Resource<Page>) {
    this.#shown = shown;
  }

  get count(): number {
    const known = new Set(this.#shown.data?.items.map(eventId));
    return this.#page?.items.filter((event) => !known.has(eventId(event))).length ?? 0;
  }

  /** Whether the whole waiting page is new, so that there are more than were counted. */
  get more(): boolean {
    return this.count > 0 && this.count === this.#page?.items.length;
  }

  take(): void {
    if (this.#page) this.#shown.data = this.#page;
    this.#page = null;
  }

  /** Looks for newer events after each sign of them, not more often than every few seconds. */
  watch(fetch: Fetch): () => void {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#page = null;
    const look = async () => {
      timer = undefined;
      try {
        const page = await fetch(abort.signal);
        if (!abort.signal.aborted) this.#page = page;
      } catch {
        // The list itself says when the server is away; what waits is only a convenience.
      }
    };
    const soon = () => (timer ??= setTimeout(() => void look(), QUIET_MS));
    const stop = live.on(["events"], soon);
    const poll = setInterval(() => !live.connected && !document.hidden && soon(), POLL_MS);
    return () => {
      stop();
      clearInterval(poll);
      clearTimeout(timer);
      abort.abort();
      this.#page = null;
    };
  }
}
