import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import en from "./en.json";
import vi from "./vi.json";

const ROOT = join(import.meta.dirname, "..");

function sources(): string {
  return readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(ROOT, name), "utf8"))
    .join("\n");
}

test("both languages have the same keys", () => {
  expect(Object.keys(en)).toEqual(Object.keys(vi));
});

test("both languages fill the same names", () => {
  const names = (message: string) => [...new Set([...message.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();
  for (const key of Object.keys(vi) as (keyof typeof vi)[]) {
    const plain = (message: string) => message.replace(/\{(\w+), plural, one \{[^}]*\} other \{[^}]*\}\}/g, "{$1}");
    expect(names(plain(en[key])), key).toEqual(names(plain(vi[key])));
  }
});

test("no key is unused", () => {
  const text = sources();
  const prefixes = [...text.matchAll(/`([a-z_.]+\.)\$\{/g)].map((match) => match[1] ?? "");
  const unused = Object.keys(vi).filter(
    (key) => !text.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});

test("texts are in normal form C", () => {
  for (const message of Object.values(vi)) expect(message).toBe(message.normalize("NFC"));
});
