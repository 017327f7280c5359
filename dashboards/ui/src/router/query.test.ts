import { expect, test } from "vitest";
import { list, parseQuery, toggled, withQuery } from "./query";

test("a patch sets, replaces and removes; the order is stable", () => {
  const query = parseQuery("?severity=high&from=now-6h&text=x");
  expect(withQuery("/events", query, { text: null, dataset: "dns", from: "now-1h" })).toBe(
    "/events?dataset=dns&from=now-1h&severity=high",
  );
  expect(withQuery("/events", {}, {})).toBe("/events");
});

test("Vietnamese survives the trip", () => {
  const url = withQuery("/devices", {}, { text: "Đồng Hưng Thuận" });
  expect(parseQuery(new URL(url, "http://x").search)).toEqual({ text: "Đồng Hưng Thuận" });
});

test("lists toggle", () => {
  expect(list("a,b")).toEqual(["a", "b"]);
  expect(toggled("a,b", "a")).toBe("b");
  expect(toggled(undefined, "a")).toBe("a");
});
