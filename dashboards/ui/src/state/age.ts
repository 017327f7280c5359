/** When the newest sample was taken, and how far the server's clock is ahead of the browser's. */
export interface Newest {
  sampleMs: number;
  skewMs: number;
}

export interface Age {
  /** Seconds since the newest sample; null when there has never been one. */
  seconds: number | null;
  stale: boolean;
}

/** What a message says of the newest sample: `serverNow` is the server's clock when it spoke, `heardAt` ours. */
export function newest(sampleAt: string, serverNow: string, heardAt: Date): Newest {
  return { sampleMs: Date.parse(sampleAt), skewMs: Date.parse(serverNow) - heardAt.getTime() };
}

/** The age by the server's clock: it goes on growing while nothing is heard, and is stale after two intervals. */
export function ageOf(known: Newest | null, pollIntervalS: number, now: Date): Age {
  if (!known) return { seconds: null, stale: true };
  const seconds = Math.max(0, (now.getTime() + known.skewMs - known.sampleMs) / 1000);
  return { seconds, stale: seconds > 2 * pollIntervalS };
}
