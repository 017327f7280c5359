import { problemOf, Problem, UNREACHABLE } from "$/api/problem";
import { live, type Topic } from "./stream.svelte";

export interface Watch {
  /** Topics after which the answer is asked for again. */
  topics: readonly Topic[];
  /** How often to ask while the stream is away. */
  pollMs: number;
  /** The least time between two answers, however often the topics speak. */
  everyMs?: number;
}

const SETTLE_MS = 500;
const EVERY_MS = 2000;

/**
 * An answer of the API that keeps itself fresh. The last good answer stays while a newer one is asked for or fails,
 * so that a panel never blinks; `failedSince` says for how long it has been failing.
 */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  fetchedAt = $state.raw<Date | null>(null);
  failedSince = $state.raw<Date | null>(null);
  #fetch: ((signal: AbortSignal) => Promise<T>) | null = null;
  #abort: AbortController | null = null;

  /** Loads with this fetcher from now on. Call it in an effect: what the fetcher reads decides when it runs again. */
  use(fetch: (signal: AbortSignal) => Promise<T>): void {
    this.#fetch = fetch;
    void this.reload();
  }

  /** Replaces the answer at once, before the server has confirmed it; gives back the way to undo that. */
  optimistic(change: (data: T) => T): () => void {
    const before = this.data;
    if (before !== null) this.data = change(before);
    return () => (this.data = before);
  }

  async reload(): Promise<void> {
    const fetch = this.#fetch;
    if (!fetch) return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = true;
    try {
      const data = await fetch(abort.signal);
      if (abort.signal.aborted) return;
      this.data = data;
      this.problem = null;
      this.failedSince = null;
      this.fetchedAt = new Date();
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem = error instanceof Problem ? error : problemOf(UNREACHABLE, null);
      this.failedSince ??= new Date();
    } finally {
      if (this.#abort === abort) this.loading = false;
    }
  }

  /** Asks again after changes and, while the stream is away, at an interval. Returns the way to stop. */
  watch({ topics, pollMs, everyMs = EVERY_MS }: Watch): () => void {
    let pending: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      const due = (this.fetchedAt?.getTime() ?? 0) + everyMs - Date.now();
      pending ??= setTimeout(again, Math.max(SETTLE_MS, due));
    };
    const again = () => {
      pending = undefined;
      // A slow answer is waited for: asking anew each time something changes would never let one arrive.
      if (this.loading) later();
      else void this.reload();
    };
    const stop = live.on(topics, later);
    const poll = setInterval(() => {
      if (!document.hidden && (!live.connected || this.problem)) void this.reload();
    }, pollMs);
    const shown = () => {
      if (!document.hidden) void this.reload();
    };
    document.addEventListener("visibilitychange", shown);
    return () => {
      stop();
      clearTimeout(pending);
      clearInterval(poll);
      document.removeEventListener("visibilitychange", shown);
      this.#abort?.abort();
    };
  }
}
