import { expect, test } from "vitest";
import { ruleQuery, short, tabOf } from "./query";

test("the page's URL asks for rules that alert, that are silent, or that are off", () => {
  expect(ruleQuery({ show: "alerting", q: "sql" })).toMatchObject({ alerting: true, enabled: null, q: "sql" });
  expect(ruleQuery({ show: "silent" })).toMatchObject({ alerting: false, enabled: true });
  expect(ruleQuery({ show: "disabled" })).toMatchObject({ alerting: null, enabled: false });
  expect(ruleQuery({ show: "nonsense" })).toMatchObject({ alerting: null, enabled: null });
});

test("an unknown tab is the list", () => {
  expect([tabOf({ tab: "versions" }), tabOf({ tab: "x" }), tabOf({})]).toEqual(["versions", "list", "list"]);
});

test("versions are told apart by their beginning", () => {
  expect(short("0123456789abcdef")).toBe("0123456789ab");
});
