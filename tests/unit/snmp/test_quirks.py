"""What was learned of agents outlives the collector."""

import itertools
import logging
from pathlib import Path

import pytest

from collectors.snmp.quirks import Quirks
from collectors.snmp.rounds import REST_AFTER, knocks, rests
from collectors.snmp.walk import Manners


def test_manners_come_back_for_the_same_agent_and_no_other(tmp_path: Path) -> None:
    before = Quirks(tmp_path / "quirks.json")
    before.learn("old", "192.0.2.1", Manners(bulk=False))
    before.learn("weak", "192.0.2.2", Manners(repetitions=7))
    before.learn("usual", "192.0.2.3", Manners())
    before.save()
    after = Quirks(tmp_path / "quirks.json")
    after.load()
    assert after.manners("old", "192.0.2.1") == Manners(bulk=False)
    assert after.manners("weak", "192.0.2.2") == Manners(repetitions=7)
    assert after.manners("old", "192.0.2.9") == Manners(), "another box took its place"
    assert after.manners("usual", "192.0.2.3") == Manners()


def test_an_agent_that_got_better_is_forgotten(tmp_path: Path) -> None:
    quirks = Quirks(tmp_path / "quirks.json")
    quirks.learn("old", "192.0.2.1", Manners(bulk=False))
    quirks.save()
    quirks.learn("old", "192.0.2.1", Manners())
    quirks.save()
    assert "old" not in (tmp_path / "quirks.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"devices": {"a": {}}}',
        '{"devices": {"a": {"address": "x", "bulk": 1, "repetitions": 5}}}',
        '{"devices": {"a": {"address": "x", "bulk": true, "repetitions": 1000000}}}',
        "\x00\x01",
    ],
)
def test_a_damaged_file_costs_a_warning(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "quirks.json").write_text(text, encoding="utf-8")
    quirks = Quirks(tmp_path / "quirks.json")
    with caplog.at_level(logging.WARNING):
        quirks.load()
    assert "learned anew" in caplog.text
    assert quirks.manners("a", "x") == Manners()


def test_a_folder_that_is_gone_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    quirks = Quirks(tmp_path / "gone" / "quirks.json")
    quirks.load()
    quirks.learn("old", "192.0.2.1", Manners(bulk=False))
    with caplog.at_level(logging.WARNING):
        quirks.save()
    assert "cannot be kept" in caplog.text


def test_a_device_that_is_silent_for_long_is_asked_every_other_round() -> None:
    asked = [silent for silent in range(100) if not rests(silent)]
    assert asked[: REST_AFTER + 1] == list(range(REST_AFTER + 1))
    assert max(after - before for before, after in itertools.pairwise(asked)) == 2
    assert any(not knocks(silent) for silent in asked if silent >= REST_AFTER), "a whole attempt now and then"
