"""What a sensor's own counters and its silence say of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.suricata.ecs import map_line
from collectors.suricata.sensor_watch import SensorWatch, WatchSettings
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.records import Batch, Event, Position

START = datetime(2026, 1, 1, tzinfo=UTC)


class Story:
    """A watch, and a clock that the story moves."""

    def __init__(self) -> None:
        self.now = START
        self.offset = 0
        self.watch = SensorWatch(lambda: self.now, WatchSettings(least_s=20))

    def after(self, seconds: float) -> "Story":
        self.now += timedelta(seconds=seconds)
        return self

    def says(self, kind: str, source: str = "s", **fields: Any) -> "Story":
        record = {"timestamp": self.now.isoformat(), "event_type": kind, **fields}
        self.offset += 1
        event = map_line(json.dumps(record).encode(), Position(source, self.offset), None, self.now)
        assert isinstance(event, Event), event.reason
        self.watch.observe(Batch("", "", 0, events=(event,), read={source: 1}))
        return self

    def stats(self, uptime: int, packets: int = 0, drops: int = 0, **fields: Any) -> "Story":
        stats = {
            "uptime": uptime,
            "capture": {"kernel_packets": packets, "kernel_drops": drops},
            "decoder": {"pkts": packets - drops, "invalid": 1},
            "flow": {"memcap": 3},
            "detect": {"engines": [{"id": 0, "rules_loaded": 7, "rules_failed": 2}], "alert": 5},
        }
        return self.says("stats", stats=stats, **fields)

    @property
    def part(self) -> PartHealth:
        (part,) = self.watch.health("ingest")
        return part


def test_counters_are_figures() -> None:
    part = Story().stats(8, packets=1000).part
    assert (part.edge, part.part, part.state) == ("ingest", "suricata", PartState.RUNNING)
    assert part.figures == {
        "kernel_packets": 1000,
        "kernel_drops": 0,
        "decoded_packets": 1000,
        "invalid_packets": 1,
        "flow_memcap_drops": 3,
        "alerts": 5,
        "uptime_s": 8,
        "rules_loaded": 7,
        "rules_failed": 2,
        "quiet_s": 0,
        "dropped_percent": 0,
    }


def test_drops_of_the_last_interval_are_said() -> None:
    story = Story().stats(8, packets=1000).after(8).stats(16, packets=2000, drops=250)
    assert story.part.detail.en == "Suricata dropped 25.0 % of the packets in its last interval."
    assert story.after(8).stats(24, packets=3000, drops=250).part.detail.en == ""
    assert story.after(8).stats(2, packets=10, drops=0).part.figures["dropped_percent"] == 0, "a new start counts anew"


def test_silence_is_noticed_and_ends_with_any_event() -> None:
    story = Story().stats(8).after(8).stats(16)
    assert story.after(40).part.state is PartState.RUNNING
    silent = story.after(1).part
    assert silent.state is PartState.FAILED
    assert silent.since == START + timedelta(seconds=8)
    assert silent.detail.en == "Suricata has written nothing for 41 s (usually every 8 s)."
    assert story.says("dns").part.state is PartState.RUNNING
    assert story.part.since == story.now


def test_whoever_is_not_read_is_not_called_silent() -> None:
    story = Story().stats(8).after(8).stats(16).after(3600)
    (part,) = story.watch.health("ingest", is_behind=True)
    assert part.state is PartState.RUNNING
    assert story.after(40).part.state is PartState.RUNNING, "it gets its time once we read again"
    assert story.after(1).part.state is PartState.FAILED


@pytest.mark.parametrize("second", [None, 0])
def test_who_reads_captures_is_not_expected_to_go_on(second: int | None) -> None:
    story = Story().stats(0)
    if second is not None:
        story.after(8).stats(second)
    assert story.after(3600).part.state is PartState.RUNNING


def test_sensors_are_told_apart_by_name_and_are_bounded() -> None:
    story = Story().stats(8, host="Cổng 1").stats(8, host="two").stats(8)
    assert [part.part for part in story.watch.health("e")] == ["suricata/C-ng-1", "suricata/two", "suricata"]
    for number in range(100):
        story.stats(8, host=f"h{number}", source=f"s{number}")
    assert len(story.watch.health("e")) == 40


def test_nonsense_in_stats_is_left_out() -> None:
    story = Story().says("stats", stats={"uptime": "long", "capture": [], "detect": {"engines": [1, {}]}})
    assert story.part.figures == {"rules_loaded": 0, "rules_failed": 0, "quiet_s": 0, "dropped_percent": 0}
    assert len(Story().says("stats", stats=5).watch.health("e")) == 0
