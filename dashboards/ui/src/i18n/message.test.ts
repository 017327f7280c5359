import { expect, test } from "vitest";
import { fill } from "./message";

test("names are filled and numbers written in the language", () => {
  expect(fill("{n} thiết bị ở {where}", { n: 1297, where: "Hà Đông" }, "vi-VN")).toBe("1.297 thiết bị ở Hà Đông");
});

test("a missing name stays visible instead of vanishing", () => {
  expect(fill("since {when}", {}, "en-GB")).toBe("since {when}");
});

test("plural forms follow the language", () => {
  const message = "{n, plural, one {# device} other {# devices}}";
  expect(fill(message, { n: 1 }, "en-GB")).toBe("1 device");
  expect(fill(message, { n: 1297 }, "en-GB")).toBe("1,297 devices");
});
