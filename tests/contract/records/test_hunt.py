"""The same Sigma rules, hunting back, find the same on every engine as in the stream."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from collectors.suricata.ecs import map_line
from detectors.sigma.hunting import filters_of, hunt
from detectors.sigma.ruleset import load_rules
from detectors.sigma.running import run_over
from detectors.sigma.sources import Sources
from detectors.sigma.stream import RULES
from wardwatch.ecs import decoded
from wardwatch.model.access import Actor, Scope
from wardwatch.model.records import Batch, Event, Position
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.ports import RecordStore

CASE = Path(__file__).parents[2] / "cases" / "sigma-attacks" / "input.ndjson"
NARROW = """
title: RDP of one address
logsource: {category: firewall}
detection:
  a: {dst_port: [23, '513']}
  b: {src_ip: 10.20.1.5}
  condition: all of them
"""


def test_a_hunt_finds_what_the_stream_finds(store: RecordStore) -> None:
    lines = [line for line in CASE.read_bytes().splitlines() if b'"event_type"' in line]
    mapped = (map_line(line, Position("f", number), None, utc_now()) for number, line in enumerate(lines))
    events = [event for event in mapped if isinstance(event, Event)]
    store.append(Actor.system("test"), Batch("e", "1", 1, events=tuple(events)))
    day = TimeRange(events[0].at - timedelta(hours=1), events[0].at + timedelta(hours=1))
    ruleset = load_rules([RULES], Sources())
    expected = run_over(ruleset, enumerate(map(decoded, events))).hits
    found = hunt(partial(store.events, Scope.everything()), ruleset, day, "default", 10_000)
    rules = {rule.about.id for rule in ruleset.rules}
    assert {rule: n for rule, n in found.hits.items() if rule in rules} == {
        r: n for r, n in expected.items() if r in rules
    }
    assert (found.looked_at, found.complete) == (len(events), True)
    assert hunt(partial(store.events, Scope.everything()), ruleset, day, "default", 100).complete is False


def test_a_store_filters_what_it_can(store: RecordStore, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(NARROW, encoding="utf-8")
    ruleset = load_rules([tmp_path], Sources())
    assert filters_of(ruleset.rules) == {
        "event.dataset": ("suricata.flow", "syslog.fortigate"),
        "source.ip": ("10.20.1.5",),
        "destination.port": ("23", "513"),
    }
    lines = [line for line in CASE.read_bytes().splitlines() if b'"event_type": "flow"' in line]
    events = [map_line(line, Position("f", number), None, utc_now()) for number, line in enumerate(lines)]
    known = tuple(event for event in events if isinstance(event, Event))
    store.append(Actor.system("test"), Batch("e", "1", 1, events=known))
    day = TimeRange(known[0].at - timedelta(hours=1), known[0].at + timedelta(hours=1))
    found = hunt(partial(store.events, Scope.everything()), ruleset, day, "default", 100)
    assert (found.looked_at, list(found.hits.values())) == (2, [2])
