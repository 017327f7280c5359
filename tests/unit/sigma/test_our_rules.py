"""Our rules over attacks in many encodings, over an ordinary day, and over captures of other things."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from collectors.suricata.ecs import map_line
from detectors.sigma.ruleset import Ruleset, engine_of, load_rules
from detectors.sigma.running import dataset_of, run_over
from detectors.sigma.sources import Sources
from detectors.sigma.stream import RULES
from wardwatch.ecs import decoded
from wardwatch.model.records import Event, Position
from wardwatch.model.time import utc_now

CASES = Path(__file__).parents[2] / "cases"
VARIANTS = 3


@pytest.fixture(scope="module")
def ours() -> Ruleset:
    return load_rules([RULES], Sources())


def documents(case: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The lines of a case as they are written, and as ECS documents."""
    found = []
    for line in (CASES / case / "input.ndjson").read_bytes().splitlines():
        written = orjson.loads(line)
        document = written
        if "event_type" in written:
            event = map_line(line, Position("", 0), None, utc_now())
            assert isinstance(event, Event), event
            document = decoded(event)
        found.append((written, document))
    return found


def test_all_of_them_are_sound(ours: Ruleset) -> None:
    assert (ours.problems, ours.unrouted) == ((), ())
    assert ours.parsed == ours.routed >= 40
    for about in ours.abouts:
        assert about.name
        assert about.techniques or about.tactics, about.title
        assert about.title.vi != about.title.en
        assert about.description.vi != about.description.en
        assert about.false_positives


def test_each_attack_is_seen_in_every_encoding(ours: Ruleset) -> None:
    engine = engine_of(ours)
    seen: Counter[str] = Counter()
    for written, document in documents("sigma-attacks"):
        match = engine.matching(dataset_of(document), document)
        names = [rule.about.name for rule in match.rules] if match else []
        assert written["_rule"] in names, written
        seen[written["_rule"]] += 1
    assert {name: count for name, count in seen.items() if count < VARIANTS} == {}
    loud = {rule.about.name for rule in ours.rules if not rule.silent}
    assert loud - seen.keys() == {"flow_management_from_outside", "flow_large_upload"}, "these need an inventory"


def test_words_lose_no_hit(ours: Ruleset) -> None:
    """What the index of words leaves out would not have matched."""
    engine = engine_of(ours)
    for case in ("sigma-attacks", "sigma-benign"):
        for line in (CASES / case / "input.ndjson").read_bytes().splitlines():
            event = map_line(line, Position("", 0), None, utc_now())
            if isinstance(event, Event):
                document = decoded(event)
                quick = engine.hits(event.dataset, event.document, event.original, partial(dict, document))
                slow = engine.matching(event.dataset, document)
                assert (quick and quick.rules) == (slow and slow.rules), line


def test_an_ordinary_day_is_quiet(ours: Ruleset) -> None:
    engine = engine_of(ours)
    for written, document in documents("sigma-benign"):
        match = engine.matching(dataset_of(document), document)
        loud = [rule.about.name for rule in match.rules if not rule.silent] if match else []
        assert loud == [], written


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_flows_across_the_border(ours: Ruleset, direction: str) -> None:
    document = {
        "event": {"dataset": "suricata.flow"},
        "network": {"direction": direction, "transport": "tcp"},
        "source": {"bytes": 600_000_000, "packets": 9},
        "destination": {"port": 3389, "bytes": 9000, "packets": 9},
    }
    run = run_over(ours, [(1, document)])
    names = {about.id: about.name for about in ours.abouts}
    expected = {"inbound": "flow_management_from_outside", "outbound": "flow_large_upload"}[direction]
    assert [names[rule] for rule in run.hits] == [expected]
