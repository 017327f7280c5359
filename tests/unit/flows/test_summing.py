"""Rows become samples: exact sums, bounded rows, each conversation once."""

from datetime import UTC, datetime

from collectors.flows.applications import load_applications
from collectors.flows.placing import Placing
from collectors.flows.rows import FlowRow
from collectors.flows.summing import ExporterName, Minute, SumLimits
from wardwatch.model.flows import TrafficKey, nearest_rank
from wardwatch.model.inventory import Inventory, Service, Unit

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CITY = Inventory(
    units={
        "w1": Unit("w1", "Phường 1", "ward", "1", networks=("10.1.0.0/16",)),
        "w2": Unit("w2", "Phường 2", "ward", "2", networks=("10.2.0.0/16",)),
    },
    services={"land": Service("land", "Đất đai", "core-database", "w2", addresses=("10.2.0.9",))},
)
PLACING = Placing(CITY, load_applications())
EDGE, CORE = ExporterName("r1", "w1"), ExporterName("core", "w2")


def row(source: str, destination: str, octets: int, port: int = 443, local_port: int = 40_000) -> FlowRow:
    return FlowRow("127.64.0.1", source, destination, local_port, port, 6, AT, 1, octets)


def sums(minute: Minute, measurement: str) -> dict[str, float]:
    blocks = [block for block in minute.blocks(AT) if block.measurement == measurement]
    return {index: n or 0.0 for b in blocks for index, n in zip(b.index, b.columns["bytes"], strict=True)}


def minute(**limits: int) -> Minute:
    return Minute(AT, SumLimits(**limits), lambda: PLACING)


def test_directions_and_applications() -> None:
    taken = minute()
    taken.take(row("10.1.0.1", "198.51.100.1", 100), EDGE)
    taken.take(row("198.51.100.1", "10.1.0.1", 900, 40_000, 443), EDGE)
    taken.take(row("10.1.0.1", "10.2.0.9", 50, 9999), EDGE)
    taken.take(row("10.1.0.1", "10.1.0.2", 7, 445), EDGE)
    taken.take(row("192.0.2.1", "198.51.100.1", 3, 50_000), EDGE)
    assert sums(taken, "traffic") == {
        "out web w1": 100.0,
        "in web w1": 900.0,
        "out @land w1": 50.0,
        "in @land w2": 50.0,
        "internal files w1": 7.0,
        "transit other w1": 3.0,
    }


def test_talkers_beyond_the_limit_are_one_row_and_sums_stay_exact() -> None:
    taken = minute(talkers=2)
    for number in range(1, 11):
        taken.take(row(f"10.1.0.{number}", "198.51.100.1", number), EDGE)
    assert sums(taken, "flow") == {
        "out web w1 10.1.0.10 198.51.100.1": 10.0,
        "out web w1 10.1.0.9 198.51.100.1": 9.0,
        "out web w1 * *": 36.0,
    }
    assert taken.counts["talkers_merged"] == 8


def test_conversations_beyond_the_limit_are_still_summed() -> None:
    taken = minute(conversations=1)
    taken.take(row("10.1.0.1", "198.51.100.1", 10), EDGE)
    taken.take(row("10.1.0.2", "198.51.100.1", 5), EDGE)
    assert sums(taken, "flow") == {"out web w1 10.1.0.1 198.51.100.1": 10.0, "out web w1 * *": 5.0}
    assert taken.counts["conversations_merged"] == 1


def test_small_applications_are_merged() -> None:
    taken = minute(applications=1)
    taken.take(row("10.1.0.1", "198.51.100.1", 10), EDGE)
    taken.take(row("10.1.0.1", "198.51.100.1", 4, 22), EDGE)
    assert sums(taken, "traffic") == {"out web w1": 10.0, "out other w1": 4.0}
    assert taken.counts["applications_merged"] == 1


def test_a_conversation_is_counted_by_who_saw_most() -> None:
    taken = minute()
    taken.take(row("10.1.0.1", "198.51.100.1", 100), EDGE)
    taken.take(row("10.1.0.1", "198.51.100.1", 90), CORE)
    assert sums(taken, "traffic") == {"out web w1": 100.0}
    assert taken.counts["told_twice_bytes"] == 90


def test_an_index_reads_as_it_was_written() -> None:
    for index in ("out web w1", "in @land w2 10.2.0.9 10.1.0.1", "internal other w1 * *"):
        assert TrafficKey.of(index).index() == index


def test_nearest_rank() -> None:
    assert nearest_rank([float(n) for n in range(1, 101)], 100, 95) == 95.0
    assert nearest_rank([5.0], 20, 95) == 0.0
    assert nearest_rank([5.0, 7.0], 20, 95) == 5.0
    assert nearest_rank([], 0, 95) == 0.0
