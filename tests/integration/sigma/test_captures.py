"""Our rules over other people's captures, read by the real Suricata: what is an attack is seen, the rest is quiet."""

from pathlib import Path

import pytest

from collectors.suricata.ecs import map_line
from detectors.sigma.ruleset import load_rules
from detectors.sigma.running import run_over
from detectors.sigma.sources import Sources
from detectors.sigma.stream import RULES
from wardwatch.bench.captures import are_readable, read_captures
from wardwatch.ecs import decoded
from wardwatch.model.records import Event, Position
from wardwatch.model.time import utc_now

ATTACKS = {"bug-5437-02": {"web_command_injection", "web_home_router_exploit"}}
"""A botnet that has a recorder fetch its program."""


@pytest.mark.skipif(not are_readable(), reason="no captures of suricata-verify or no Suricata here")
def test_captures_hit_only_what_they_hold(tmp_path: Path) -> None:
    ruleset = load_rules([RULES], Sources())
    names = {about.id: about.name for about in ruleset.abouts}
    hits: dict[str, set[str | None]] = {}
    for capture, file in read_captures(tmp_path).items():
        mapped = [map_line(line, Position("", 0), None, utc_now()) for line in file.read_bytes().splitlines()]
        found = run_over(ruleset, enumerate(decoded(event) for event in mapped if isinstance(event, Event)))
        if found.hits:
            hits[capture] = {names[rule] for rule in found.hits}
    assert {capture: rules for capture, rules in hits.items() if capture in ATTACKS} == (
        {capture: rules for capture, rules in ATTACKS.items() if capture in hits}
    )
    assert set(hits) <= set(ATTACKS)
