import { expect, test } from "vitest";
import { portState } from "./ports";

test("a port switched off on purpose is not down", () => {
  expect(portState({ oper: 2, admin: 2 })).toBe("off");
  expect(portState({ oper: 2, admin: 1 })).toBe("down");
  expect(portState({ oper: 7, admin: 1 })).toBe("down");
  expect(portState({ oper: 1, admin: 1 })).toBe("up");
  expect(portState({ oper: null, admin: null })).toBe("unknown");
});
