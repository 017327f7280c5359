import { describe, expect, it } from "vitest";
import { available, monthOf, serviceQuery } from "./query";

describe("the services page's URL", () => {
  it("asks only for what there is", () => {
    const asked = serviceQuery({ kind: "public-service", level: "4", status: "down", month: "2026-11" });
    expect(asked).toMatchObject({ kind: "public-service", level: 4, status: "down", month: "2026-11" });
    const odd = serviceQuery({ kind: "x", level: "9", status: "broken", month: "2026-13" });
    expect(odd).toMatchObject({ kind: null, level: null, status: null, month: null });
  });

  it("takes this month where none is named", () => {
    expect(monthOf({})).toBeNull();
  });

  it("says availability with its digits, and a dash without", () => {
    expect(available(99.9512, "vi-VN")).toBe("99,951%");
    expect(available(100, "en-GB")).toBe("100.00%");
    expect(available(null, "vi-VN")).toBe("–");
  });
});
