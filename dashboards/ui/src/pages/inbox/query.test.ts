import { expect, test } from "vitest";
import type { AlertGroupView } from "$/api/client";
import { groupQuery, inCommon, subjects } from "./query";

const group = (id: string, over: Partial<AlertGroupView> = {}) =>
  ({ id, rule_id: "1", source_ip: "10.0.0.1", unit: { id: "w1", name: "w1", kind: "ward" }, ...over }) as AlertGroupView;

test("what waits is shown unless the URL says otherwise, and unknown words are left out", () => {
  expect(groupQuery({}).state).toEqual(["open"]);
  expect(groupQuery({ state: "handled,nonsense", rule: "" })).toMatchObject({ state: ["handled"], rule: null });
});

test("an action is about the chosen rows, else about the one at the cursor", () => {
  const items = [group("a"), group("b"), group("c")];
  expect(subjects(items, new Set(["b", "gone"]), "a").map((each) => each.id)).toEqual(["b"]);
  expect(subjects(items, new Set(), "c").map((each) => each.id)).toEqual(["c"]);
  expect(subjects(items, new Set(), null)).toEqual([]);
});

test("a suppression begins with what the groups have in common", () => {
  expect(inCommon([group("a"), group("b", { source_ip: "10.0.0.2" })])).toEqual({
    rule_id: "1",
    source: "",
    destination: "",
    unit: "w1",
  });
});
