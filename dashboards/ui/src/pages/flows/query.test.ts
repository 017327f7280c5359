import { expect, test } from "vitest";
import { BY, flowQuery, fullColumns, talkColumns } from "./query";

test("the last hour's talkers are shown unless the URL says otherwise, and unknown words are left out", () => {
  expect(flowQuery({})).toMatchObject({ by: "talkers", direction: null, from: "now-1h", to: "now" });
  expect(flowQuery({ by: "unit", direction: "sideways", from: "now-1d" })).toMatchObject({
    by: "unit",
    direction: null,
    from: "now-1d",
  });
});

test("one column grows, whatever is kept apart", () => {
  for (const by of BY) expect(talkColumns(by).filter((column) => column.grow)).toHaveLength(1);
  for (const by of BY) if (by !== "talkers") expect(fullColumns(by).filter((column) => column.grow)).toHaveLength(1);
});
