/** What went wrong, as the API says it (RFC 9457) or as the network did. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly hint: string | null,
  ) {
    super(detail || title);
    this.name = "Problem";
  }
}

/** A problem out of a response's body, whatever its shape. */
export function problemOf(status: number, body: unknown): Problem {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (key: string) => (typeof fields[key] === "string" ? fields[key] : "");
  return new Problem(status, text("title"), text("detail"), text("hint") || null);
}

export const UNREACHABLE = 0;
