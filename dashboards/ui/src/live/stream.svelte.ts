export const TOPICS = ["status", "incident", "alert_group", "events", "freshness", "parts"] as const;
export type Topic = (typeof TOPICS)[number];

type Payload = Readonly<Record<string, unknown>>;
type Listener = (payload: Payload, at: string | null) => void;

const URL = "/api/v1/stream";

/**
 * The one stream of changes. A message only says that something of a topic changed; panels fetch what they show
 * again. The browser resumes with Last-Event-ID by itself; a hidden tab lets go of the connection.
 */
class Live {
  connected = $state(false);
  #source: EventSource | null = null;
  #listeners = new Map<Topic, Set<Listener>>(TOPICS.map((topic) => [topic, new Set()]));

  start(): () => void {
    const visibility = () => (document.hidden ? this.#close() : this.#open());
    document.addEventListener("visibilitychange", visibility);
    visibility();
    return () => {
      document.removeEventListener("visibilitychange", visibility);
      this.#close();
    };
  }

  on(topics: readonly Topic[], listener: Listener): () => void {
    for (const topic of topics) this.#listeners.get(topic)?.add(listener);
    return () => {
      for (const topic of topics) this.#listeners.get(topic)?.delete(listener);
    };
  }

  #open(): void {
    if (this.#source) return;
    const source = new EventSource(URL);
    this.#source = source;
    source.onopen = () => (this.connected = true);
    source.onerror = () => {
      this.connected = false;
      // A refused stream is closed for good by the browser; a lost one it opens again itself.
      if (source.readyState === EventSource.CLOSED) {
        this.#source = null;
        setTimeout(() => !document.hidden && this.#open(), 15_000);
      }
    };
    for (const topic of TOPICS) {
      source.addEventListener(topic, (event) => {
        const { payload, at } = read(event.data);
        this.#listeners.get(topic)?.forEach((listener) => listener(payload, at));
      });
    }
    // The server could not keep up with us, or we were away too long: everything may have changed.
    source.addEventListener("resync", () => {
      const everybody = new Set([...this.#listeners.values()].flatMap((listeners) => [...listeners]));
      everybody.forEach((listener) => listener({}, null));
    });
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
    this.connected = false;
  }
}

/** The data of a message (LiveMessage); one that cannot be read still says that something changed. */
function read(data: unknown): { payload: Payload; at: string | null } {
  try {
    const message = JSON.parse(String(data)) as { payload?: Payload; at?: string };
    return { payload: message.payload ?? {}, at: message.at ?? null };
  } catch {
    return { payload: {}, at: null };
  }
}

export const live = new Live();
