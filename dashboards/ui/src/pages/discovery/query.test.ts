import { expect, test } from "vitest";
import { candidateQuery, missing, product, type CandidateView } from "./query";

const candidate = (more: Partial<CandidateView>) => ({ vendor: "", model: "", family: "", ...more }) as CandidateView;

test("what waits is shown unless the URL says otherwise, and nonsense is left out", () => {
  expect(candidateQuery({}).state).toEqual(["new"]);
  expect(candidateQuery({ state: "rejected,nonsense", way: "guess" })).toMatchObject({ state: ["rejected"], way: null });
  expect(candidateQuery({ way: "sweep", unit: "w-1" })).toMatchObject({ way: "sweep", unit: "w-1" });
});

test("a candidate is its maker and model, else its family", () => {
  expect(product(candidate({ vendor: "Huawei", model: "S5720" }))).toBe("Huawei S5720");
  expect(product(candidate({ family: "linux" }))).toBe("linux");
  expect(product(candidate({}))).toBe("–");
});

test("what is missing is named", () => {
  expect(missing({ role: "router", unit: "", site: " ", zone: "wan" })).toEqual(["unit", "site"]);
});
