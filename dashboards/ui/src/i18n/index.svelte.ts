import en from "./en.json";
import { fill, type Params } from "./message";
import vi from "./vi.json";

export type Language = "vi" | "en";
export type Key = keyof typeof vi;

const CATALOGUES: Record<Language, Record<Key, string>> = { vi, en };
const STORED = "wardwatch.language";

class Locale {
  language = $state<Language>(localStorage.getItem(STORED) === "en" ? "en" : "vi");
  /** BCP 47 tag for Intl; British English because days come before months here. */
  readonly tag = $derived(this.language === "vi" ? "vi-VN" : "en-GB");

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(STORED, language);
    document.documentElement.lang = language;
  }
}

export const locale = new Locale();

/** The text of a key in the chosen language, with its `{names}` filled in. */
export function t(key: Key, params?: Params): string {
  return fill(CATALOGUES[locale.language][key], params ?? {}, locale.tag);
}
