import type { EventView, Severity } from "$/api/client";
import { scaled } from "$/format/number";
import { isSeverity } from "$/state/vocabulary";

export type Document = EventView["document"];

/** A value of a nested ECS document by its dotted key; lists give their first member. */
export function pick(document: Document, key: string): string | null {
  let value: unknown = document;
  for (const name of key.split(".")) {
    if (typeof value !== "object" || value === null) return null;
    value = (value as Record<string, unknown>)[name];
    if (Array.isArray(value)) value = value[0];
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

export function severityOf(document: Document): Severity | null {
  const word = pick(document, "wardwatch.severity");
  return word && isSeverity(word) ? word : null;
}

/** `10.0.2.15:443`, and IPv6 in brackets. */
export function endpoint(document: Document, side: "source" | "destination"): string | null {
  const address = pick(document, `${side}.ip`) ?? pick(document, `${side}.address`);
  const port = pick(document, `${side}.port`);
  if (!address) return null;
  if (!port) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** How the count of packets is said in the reader's language. */
export type Counted = (packets: number) => string;

/** `http · 12 kB · 24 gói`: what a flow spoke and how much of it, where its sensor counted. */
function volume(document: Document, tag: string, packets: Counted): string {
  const number = (key: string) => {
    const text = pick(document, key);
    return text === null || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const [bytes, count] = [number("network.bytes"), number("network.packets")];
  if (bytes === null && count === null) return "";
  const spoken = pick(document, "network.protocol") ?? pick(document, "network.transport");
  return [spoken, bytes === null ? null : scaled(bytes, "B", tag), count === null ? null : packets(count)]
    .filter(Boolean)
    .join(" · ");
}

/** What an event is about, in one line, by what its kind has to say. */
export function summary(document: Document, tag: string, packets: Counted): string {
  const join = (...keys: string[]) =>
    keys
      .map((key) => pick(document, key))
      .filter(Boolean)
      .join(" ");
  return (
    join("rule.name") ||
    (pick(document, "url.full") && join("http.request.method", "url.full")) ||
    join("http.request.method", "url.domain", "url.path") ||
    join("dns.question.type", "dns.question.name") ||
    join("tls.client.server_name") ||
    volume(document, tag, packets) ||
    join("message") ||
    join("network.transport", "network.protocol") ||
    join("event.dataset")
  );
}

/** The document as dotted keys in order, lists joined; `event.original` apart, since it is shown whole. */
export function flat(document: Document): [key: string, value: string][] {
  const found: [string, string][] = [];
  const visit = (value: unknown, key: string) => {
    if (key === "event.original" || value === null || value === undefined) return;
    if (Array.isArray(value) && value.every((item) => typeof item !== "object")) found.push([key, value.join(", ")]);
    else if (typeof value === "object") {
      for (const [name, inner] of Object.entries(value)) visit(inner, key ? `${key}.${name}` : name);
    } else found.push([key, String(value as string | number | boolean)]);
  };
  visit(document, "");
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The original record with its JSON indented; as it came when it is not JSON. */
export function pretty(original: string): string {
  try {
    return JSON.stringify(JSON.parse(original), null, 2);
  } catch {
    return original;
  }
}
