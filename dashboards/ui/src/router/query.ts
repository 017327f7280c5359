export type Query = Readonly<Record<string, string>>;

/** The query of a URL as a record; a key given twice keeps its last value, since lists are comma-separated. */
export function parseQuery(search: string): Query {
  return Object.fromEntries(new URLSearchParams(search));
}

/** A path with the query patched: null or an empty text takes a key away. Keys keep one order, so URLs compare. */
export function withQuery(path: string, query: Query, patch: Record<string, string | null>): string {
  const merged = new Map(Object.entries(query));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === "") merged.delete(key);
    else merged.set(key, value);
  }
  const search = new URLSearchParams([...merged].sort(([a], [b]) => a.localeCompare(b))).toString();
  return search ? `${path}?${search.replaceAll("%2C", ",").replaceAll("%3A", ":")}` : path;
}

/** A comma-separated list of a query value. */
export function list(value: string | undefined): string[] {
  return value ? value.split(",").filter(Boolean) : [];
}

/** The list with a value put in or taken out, as a query value. */
export function toggled(value: string | undefined, item: string): string {
  const items = list(value);
  return (items.includes(item) ? items.filter((other) => other !== item) : [...items, item]).join(",");
}
