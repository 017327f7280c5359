import { expect, test } from "vitest";
import { ago, brief, clock, dateTime, dateTimeSeconds, longDate, span } from "./time";

const AT = new Date("2026-07-09T01:05:07Z");

test("times are the city's, day first, 24 hours", () => {
  expect(dateTime(AT)).toBe("08:05 09/07/2026");
  expect(dateTimeSeconds(AT)).toBe("08:05:07 09/07/2026");
  expect(clock("2026-07-08T17:00:00Z")).toBe("00:00:00");
});

test("the day is left out only today", () => {
  expect(brief(AT, new Date("2026-07-09T16:59:00Z"))).toBe("08:05");
  expect(brief(AT, new Date("2026-07-09T17:00:00Z"))).toBe("08:05 09/07");
});

test("words follow the language", () => {
  expect(longDate(AT, "vi-VN")).toBe("Thứ Năm, 9 tháng 7, 2026");
  expect(ago(AT, new Date("2026-07-09T01:08:20Z"), "vi-VN")).toBe("3 phút trước");
  expect(ago(AT, new Date("2026-07-09T01:08:20Z"), "en-GB")).toBe("3 minutes ago");
});

test("spans keep their two largest units", () => {
  expect(span(8_040, "vi-VN")).toBe("2 giờ 14 phút");
  expect(span(45, "vi-VN")).toBe("45 giây");
  expect(span(7_200, "en-GB")).toBe("2 hours");
  expect(span(0, "en-GB")).toBe("0 seconds");
});
