import { expect, test } from "vitest";
import { endpoint, flat, pick, pretty, severityOf, summary, type Document } from "./document";

const ALERT = {
  event: { kind: "alert", dataset: "suricata.alert", category: ["network", "intrusion_detection"], original: "{}" },
  rule: { id: "9000001", name: "WARDWATCH SQL injection in URI" },
  source: { ip: "2001:db8::7", port: 40123 },
  destination: { ip: "10.0.2.15" },
  wardwatch: { severity: "high" },
};

const said = (document: object) => summary(document as Document, "vi-VN", (n) => `${n} gói`);

test("values are found by dotted key", () => {
  expect(pick(ALERT, "rule.id")).toBe("9000001");
  expect(pick(ALERT, "event.category")).toBe("network");
  expect(pick(ALERT, "rule.id.deeper")).toBeNull();
  expect(severityOf(ALERT)).toBe("high");
  expect(severityOf({ wardwatch: { severity: "awful" } })).toBeNull();
});

test("ends are written with their ports", () => {
  expect(endpoint(ALERT, "source")).toBe("[2001:db8::7]:40123");
  expect(endpoint(ALERT, "destination")).toBe("10.0.2.15");
  expect(endpoint({}, "source")).toBeNull();
});

test("one line says what an event is about", () => {
  expect(said(ALERT)).toBe("WARDWATCH SQL injection in URI");
  expect(said({ http: { request: { method: "GET" } }, url: { domain: "x.gov.vn", path: "/a" } })).toBe("GET x.gov.vn /a");
  expect(said({ dns: { question: { type: "A", name: "hanoi.gov.vn" } } })).toBe("A hanoi.gov.vn");
});

test("a flow says what it spoke and how much", () => {
  expect(said({ network: { transport: "tcp", protocol: "http", bytes: 12_345, packets: 24 } })).toBe("http · 12,3 kB · 24 gói");
  expect(said({ network: { transport: "udp", bytes: 0 } })).toBe("udp · 0 B");
  expect(said({ network: { transport: "udp" } })).toBe("udp");
  expect(said({ network: { transport: "udp", packets: "many" } })).toBe("udp");
});

test("the flat form is sorted and leaves the original out", () => {
  expect(flat(ALERT).map(([key]) => key)).toEqual([
    "destination.ip",
    "event.category",
    "event.dataset",
    "event.kind",
    "rule.id",
    "rule.name",
    "source.ip",
    "source.port",
    "wardwatch.severity",
  ]);
});

test("an original that is not JSON is shown as it came", () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty("not json")).toBe("not json");
});
