/** The text as people type it in a hurry: lower case, no diacritics, and đ as d, which no decomposition gives. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .replaceAll("đ", "d");
}
