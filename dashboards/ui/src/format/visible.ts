/** A piece of a text: as it is, or `escape` in place of what would be obeyed or hidden instead of shown. */
export interface Piece {
  text: string;
  escape: boolean;
}

/** Control and format characters (also those that turn the direction of text), separators but the space, what is not assigned. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]+/gu;

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/** A hostile text in pieces of which each can be seen: `\x1b` where it has an escape character, `\u202e` where it turns. */
export function visible(text: string): Piece[] {
  const pieces: Piece[] = [];
  const put = (piece: string, escape: boolean) => {
    const last = pieces.at(-1);
    if (last && last.escape === escape) last.text += piece;
    else if (piece) pieces.push({ text: piece, escape });
  };
  let end = 0;
  for (const found of text.matchAll(HIDDEN)) {
    put(text.slice(end, found.index), false);
    for (const char of found[0]) put(char === " " ? char : escaped(char), char !== " ");
    end = found.index + found[0].length;
  }
  put(text.slice(end), false);
  return pieces;
}
