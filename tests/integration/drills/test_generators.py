"""Packets stay in their bounds, and the same seed gives the same bytes. The generators run as their own process."""

import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from drills.generators import capture
from drills.generators.actions import tcp_scan
from drills.generators.catalogue import ACTIONS
from drills.generators.plan import Action, Frame, Plan, PlanError
from drills.packets import EPOCH, Bounds, PlannedAction, generate
from wardwatch.errors import UserError

HOSTS = {"a": "198.51.100.23", "b": "10.10.1.10"}
BOUNDS = Bounds(("10.10.0.0/16", "198.51.100.0/24"), max_pps=500, max_duration_s=60)
SCAN = PlannedAction("scan", "tcp_scan", 0.0, HOSTS, {"src": "a", "dst": "b", "ports": "1-10", "rate": 50})


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first = generate([SCAN], BOUNDS, 7, EPOCH, tmp_path / "1.pcap")
    again = generate([SCAN], BOUNDS, 7, EPOCH, tmp_path / "2.pcap")
    other = generate([SCAN], BOUNDS, 8, EPOCH, tmp_path / "3.pcap")
    assert first.sha256 == again.sha256 != other.sha256
    assert (tmp_path / "1.pcap").read_bytes() == (tmp_path / "2.pcap").read_bytes()
    assert first.injects["scan"].packets == first.packets == 20


@pytest.mark.parametrize(
    ("action", "bounds", "said"),
    [
        (dataclasses.replace(SCAN, hosts={"a": "8.8.8.8", "b": "10.10.1.10"}), BOUNDS, "outside the scope"),
        (SCAN, dataclasses.replace(BOUNDS, max_pps=5), "more than safety.max_pps 5"),
        (dataclasses.replace(SCAN, at_s=90.0), BOUNDS, "later than safety.max_duration"),
        (dataclasses.replace(SCAN, action="nuke"), BOUNDS, "unknown action 'nuke'; known: address_sweep, arp_spoof"),
        (dataclasses.replace(SCAN, parameters={"src": "a"}), BOUNDS, "'dst' must name one of the hosts a, b"),
        (dataclasses.replace(SCAN, parameters={**SCAN.parameters, "ports": "9-1"}), BOUNDS, "must be a range"),
        (dataclasses.replace(SCAN, parameters={**SCAN.parameters, "rate": "fast"}), BOUNDS, "'rate' must be a number"),
    ],
    ids=["scope", "rate", "duration", "action", "host", "ports", "number"],
)
def test_a_plan_out_of_bounds_writes_nothing(tmp_path: Path, action: PlannedAction, bounds: Bounds, said: str) -> None:
    with pytest.raises(UserError, match="(?s).*" + said.replace("(", "\\(")):
        generate([action], bounds, 1, EPOCH, tmp_path / "x.pcap")
    assert not (tmp_path / "x.pcap").exists()


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_PACKETS"])
def test_a_plan_too_large_for_memory_is_refused_while_it_is_made(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    made: list[Frame] = []

    def endless(action: Action, random_: random.Random) -> Iterator[Frame]:
        while True:
            made.append(next(tcp_scan(action, random_)))
            yield made[-1]

    monkeypatch.setitem(ACTIONS, "endless", endless)
    monkeypatch.setattr(capture, limit, 700)
    action = Action("flood", "endless", 0.0, HOSTS, SCAN.parameters)
    plan = Plan(1, 0, BOUNDS.scope, BOUNDS.max_pps, BOUNDS.max_duration_s, (action,))
    with pytest.raises(PlanError, match="inject 'flood': the capture would have more than"):
        capture.write_capture(plan, Path("never-written.pcap"))
    assert len(made) <= 701
