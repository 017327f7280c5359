import { expect, test } from "vitest";
import { fold } from "./fold";

test("marks go and đ becomes d", () => {
  expect(fold("Phường Đồng Hưng Thuận")).toBe("phuong dong hung thuan");
  expect(fold("Phường".normalize("NFD"))).toBe("phuong");
});
