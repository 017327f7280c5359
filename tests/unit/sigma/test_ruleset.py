"""Files of rules as they come: what is wrong is named with file and line, and costs no other rule."""

from pathlib import Path

import pytest

from detectors.sigma.ruleset import Ruleset, load_rules
from detectors.sigma.running import run_over
from detectors.sigma.sources import Sources

SOURCES = Sources()
GOOD = """title: Good
id: 00000000-0000-4000-8000-0000000000{number:02}
name: good_{number}
logsource: {{category: webserver}}
detection: {{s: {{cs-uri: /a}}, condition: s}}
"""


def load(folder: Path, text: str | bytes, name: str = "r.yml") -> Ruleset:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(data)
    return load_rules([folder], SOURCES)


def rule(detection: str, logsource: str = "{category: webserver}", more: str = "") -> str:
    return f"title: R\nlogsource: {logsource}\ndetection:\n{detection}\n{more}"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: [", 2, "is no YAML"),
        ("a: b: c", 1, "is no YAML"),
        ("title: x\ntitle: y\n", 0, "Duplicate key 'title'"),
        ("- a\n- b\n", 1, "is no rule"),
        ("just text", 1, "is no rule"),
        (b"\xff\xfe\x00", 0, "is not UTF-8"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntitle: bomb\n", 1, "'bomb': Sigma rule must have a log source"),
        ("[" * 100_000 + "]" * 100_000, 0, "nested more than 64 levels deep"),
        ("title: No source\ndetection: {s: {a: b}, condition: s}\n", 1, "must have a log source"),
        (rule("  s: {cs-uri: a}"), 3, "at least one condition"),
        (rule("  condition: s"), 3, "No detections defined"),
        (rule("  s: {cs-uri: a}\n  condition: s and t"), 5, "'t' not defined"),
        (rule("  s: {cs-uri: a}\n  condition: s and (s"), 5, ""),
        (rule("  s: {cs-uri: a}\n  condition: s | count() > 5"), 5, "correlations"),
        (rule("  s: {cs-uri: a}\n  condition: 1 of x*"), 5, "doesn't match any detection"),
        (rule("  s: {cs-uri|nonsense: a}\n  condition: s"), 3, "Unknown modifier"),
        (rule("  s: {cs-uri|re: '('}\n  condition: s"), 3, "invalid"),
        (rule("  s: {cs-uri|gt: abc}\n  condition: s"), 3, "incompatible"),
        (rule("  s: {src_ip|cidr: 10.0.0.0/40}\n  condition: s"), 3, "Invalid CIDR"),
        (rule("  s: {cs-uri|expand: '%nothing%'}\n  condition: s"), 3, "%nothing% stands for nothing"),
        (rule("  s: {NoSuchField: a}\n  condition: s"), 4, "the field 'NoSuchField' is unknown"),
        (rule("  s: {dns.question.nam: a}\n  condition: s"), 4, "did you mean 'dns.question.name'?"),
        (rule("  s: {cs-uri: a}\n  condition: s", more="id: 12\n"), 6, "UUID"),
        (rule("  s: {cs-uri: a}\n  condition: s", more="level: dreadful\n"), 6, "level"),
        (
            "title: C\ncorrelation:\n  type: event_count\n  rules: [none]\n  timespan: 1m\n  condition: {gte: 2}\n",
            4,
            "there is no rule 'none'",
        ),
        (
            "title: C\ncorrelation: {type: value_sum, rules: [good_1], timespan: 1m, condition: {gte: 2, field: x}}\n",
            2,
            "value_sum are not evaluated",
        ),
        (
            "title: C\ncorrelation: {type: event_count, rules: [good_1], timespan: 1y, condition: {gte: 2}}\n",
            2,
            "longer than 7 days",
        ),
    ],
)
def test_a_bad_rule_is_named_and_the_rest_stays(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.format(number=1), encoding="utf-8")
    found = load(tmp_path, text)
    assert len(found.problems) == 1
    assert (found.problems[0].file, found.problems[0].line) == (str(tmp_path / "r.yml"), line), found.problems
    assert said in found.problems[0].message
    assert "Good" in [about.title.en for about in found.abouts]
    assert run_over(found, [(1, {"event": {"dataset": "suricata.http"}, "url": {"original": "/a"}})]).hits


def test_what_is_not_ours_is_read_and_not_used(tmp_path: Path) -> None:
    windows = rule("  s: {CommandLine|contains: x}\n  condition: s", "{product: windows, category: process_creation}")
    found = load(tmp_path, windows)
    assert (found.parsed, found.routed, found.problems) == (1, 0, ())
    assert "there are no events of category: process_creation, product: windows" in found.unrouted[0].message


def test_an_id_twice_counts_once(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD.format(number=1) + "---\n" + GOOD.format(number=1))
    assert len(found.rules) == 1
    assert found.problems[0].line == 8
    assert "is that of" in found.problems[0].message


def test_older_ways_of_writing(tmp_path: Path) -> None:
    shared = "action: global\ntitle: Shared\nlogsource: {category: dns}\n---\n"
    one = "detection: {s: {query: a}, timeframe: 5m, condition: 1 of them}\nlevel: high\n---\n"
    found = load(tmp_path, shared + one + "detection: {s: {query: b}, condition: s}\n")
    assert (found.parsed, found.routed, found.problems) == (2, 2, ())


def test_placeholders_have_values(tmp_path: Path) -> None:
    (tmp_path / "placeholders.yaml").write_text("admins: [/root, /wheel]\n", encoding="utf-8")
    found = load(tmp_path, rule("  s: {cs-uri|expand: '%admins%'}\n  condition: s"))
    documents = [{"event": {"dataset": "suricata.http"}, "url": {"original": url}} for url in ("/root", "/WHEEL", "/x")]
    assert not found.problems
    assert sum(run_over(found, enumerate(documents)).hits.values()) == 2


def test_a_correlation_knows_its_rules_by_id_and_name_and_its_aliases(tmp_path: Path) -> None:
    text = f"""{GOOD.format(number=1)}---
title: Other
id: 00000000-0000-4000-8000-000000000077
logsource: {{category: dns}}
detection: {{s: {{query: bad}}, condition: s}}
---
title: Both
id: 00000000-0000-4000-8000-000000000078
correlation:
  type: temporal
  rules: [good_1, 00000000-0000-4000-8000-000000000077]
  group-by: [who]
  timespan: 1m
  aliases:
    who: {{good_1: c-ip, 00000000-0000-4000-8000-000000000077: dst_ip}}
"""
    found = load(tmp_path, text)
    assert not found.problems

    def event(dataset: str, second: int, **more: object) -> dict[str, object]:
        return {"event": {"dataset": dataset}, "@timestamp": f"2026-01-01T00:00:{second:02}Z", **more}

    http = event("suricata.http", 1, url={"original": "/a"}, source={"ip": "192.0.2.1"})
    dns = event("suricata.dns", 30, dns={"question": {"name": "bad"}}, destination={"ip": "192.0.2.1"})
    other = event("suricata.dns", 30, dns={"question": {"name": "bad"}}, destination={"ip": "192.0.2.2"})
    assert run_over(found, enumerate([http, dns])).hits == {"00000000-0000-4000-8000-000000000078": 1}
    assert run_over(found, enumerate([http, other])).hits == {}
