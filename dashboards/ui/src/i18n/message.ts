export type Params = Record<string, string | number>;

const PLURAL = /\{(\w+), plural, one \{([^}]*)\} other \{([^}]*)\}\}/g;
const NAME = /\{(\w+)\}/g;

/** Fills a message: `{name}` and the ICU form `{n, plural, one {…} other {…}}`, in which `#` is the number. */
export function fill(message: string, params: Params, tag: string): string {
  return message
    .replace(PLURAL, (_, name: string, one: string, other: string) => {
      const value = Number(params[name]);
      const form = new Intl.PluralRules(tag).select(value) === "one" ? one : other;
      return form.replace("#", new Intl.NumberFormat(tag).format(value));
    })
    .replace(NAME, (whole, name: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? new Intl.NumberFormat(tag).format(value) : value;
    });
}
