import { expect, test } from "vitest";
import { portState } from "./ports";

const LINKED = new Set(["wan0"]);
const state = (oper: number | null, admin: number | null, name = "wan0", alias: string | null = null) =>
  portState({ name, alias, oper, admin }, LINKED);

test("a port switched off on purpose is not down", () => {
  expect(state(2, 2)).toBe("off");
  expect(state(2, 1)).toBe("down");
  expect(state(7, 1)).toBe("down");
  expect(state(1, 1)).toBe("up");
  expect(state(null, null)).toBe("unknown");
});

test("a port with nothing plugged in is not down either", () => {
  expect(state(2, 1, "lan7")).toBe("free");
  expect(state(2, 1, "lan7", "to the printer")).toBe("down");
  expect(state(1, 1, "lan7")).toBe("up");
});
