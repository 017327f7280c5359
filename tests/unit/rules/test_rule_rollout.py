"""A set that some sensors try first: which edge gets what, when it goes on, when it stops."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from detectors.rules.candidate import Counts
from detectors.rules.rollout import Rollout, Turn, health, judge
from detectors.rules.versions import Deed, Entry
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import Words
from wardwatch.shipping.rules import RuleShelf

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNDER_WAY = Rollout("v2", ("local", "district-1"), 600, AT, "an", "new rules")


def part(edge: str, state: PartState = PartState.RUNNING) -> PartHealth:
    return PartHealth(edge, "rules", AT, state, AT, detail=Words("hỏng", "line 3 is broken"))


def test_only_the_edges_that_come_first_get_the_new_set(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "suricata.rules").write_text("old")
    (tmp_path / "first" / "suricata.rules").write_text("new")
    shelf = RuleShelf(tmp_path)
    old, _ = shelf.answer("district-1", "")
    (tmp_path / "first" / "edges").write_text("district-1\n")
    new, files = shelf.answer("district-1", old)
    assert (files, new != old) == ({"suricata.rules": b"new"}, True)
    assert shelf.answer("district-2", old) == (old, {})
    assert shelf.answer("district-1", new) == (new, {})
    assert shelf.asked() == {"district-1": new, "district-2": old}


def test_it_goes_on_when_every_first_sensor_has_had_it_for_a_while() -> None:
    parts = [part("eve"), part("district-1"), part("district-9", PartState.FAILED)]
    waits = judge(UNDER_WAY, {"local": "v2", "district-1": "v1"}, parts, AT)
    assert (waits.turn, waits.waiting, waits.rollout.tried_at) == (Turn.WAIT, ("district-1",), None)
    everywhere = {"local": "v2", "district-1": "v2"}
    tried = judge(UNDER_WAY, everywhere, parts, AT)
    assert (tried.turn, tried.rollout.tried_at) == (Turn.WAIT, AT)
    assert judge(tried.rollout, everywhere, parts, AT + timedelta(seconds=599)).turn is Turn.WAIT
    assert judge(tried.rollout, everywhere, parts, AT + timedelta(seconds=600)).turn is Turn.PROMOTE


def test_it_stops_when_one_of_them_refuses_it() -> None:
    asked = {"district-1": "v2"}
    halted = judge(UNDER_WAY, asked, [part("district-1", PartState.FAILED)], AT)
    assert (halted.turn, halted.reason) == (Turn.HALT, "district-1: line 3 is broken")
    earlier = judge(UNDER_WAY, {"district-1": "v1"}, [part("district-1", PartState.FAILED)], AT)
    assert earlier.turn is Turn.WAIT, "what it failed on is another set"


def test_the_board_tells_of_a_rollout_and_of_one_that_was_halted() -> None:
    halted = Entry("v2", Deed.HALTED, AT, "system:core", "district-1: line 3 is broken", Counts(1, 0, 0))
    assert health(None, None, (), AT) == []
    (trying,) = health(UNDER_WAY, None, ("local",), AT)
    assert (trying.state, trying.detail.en) == (
        PartState.RUNNING,
        "The rules v2 are tried by local, district-1. Not loaded yet: local.",
    )
    (failed,) = health(None, halted, (), AT)
    assert (failed.state, "line 3 is broken" in failed.detail.en) == (PartState.FAILED, True)
    (well,) = health(None, replace(halted, by="an"), (), AT)
    assert well.state is PartState.RUNNING, "a person who stops a rollout knows it"
