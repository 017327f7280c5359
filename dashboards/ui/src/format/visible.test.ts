import { expect, test } from "vitest";
import { visible } from "./visible";

const shown = (text: string) => visible(text).map((piece) => (piece.escape ? `[${piece.text}]` : piece.text)).join("");

test("what a page would obey or hide is written out", () => {
  expect(shown("a\u001b[2Jb\u0000\u0000")).toBe("a[\\x1b][2Jb[\\x00\\x00]");
  expect(shown("x\u202egpj.exe\u200b")).toBe("x[\\u202e]gpj.exe[\\u200b]");
  expect(shown("one\r\n\ttwo\u2028")).toBe("one[\\r\\n\\t]two[\\u2028]");
  expect(shown("\u{e0041}\ud800")).toBe("[\\u{e0041}\\ud800]");
});

test("readable text stays as it is, markup too", () => {
  const text = 'Phường Hàng Bạc  <script>alert("1")</script> 🙂';
  expect(shown(text)).toBe(text);
  expect(visible("")).toEqual([]);
});

test("a long hostile text is few pieces", () => {
  expect(visible("\u0000".repeat(100_000))).toHaveLength(1);
});
