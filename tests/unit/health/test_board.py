"""The board: who is silent since when, what it tells, and what hostile reports cannot do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wardwatch.health import Board, BoardLimits
from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import Words

NOON = datetime(2026, 7, 9, 12, tzinfo=UTC)
INGEST = PartHealth("ingest", "eve", NOON, PartState.RUNNING, NOON, every_s=5.0)


class Bench:
    """A board, its clock, the edges it knows, and what it told."""

    def __init__(self, limits: BoardLimits | None = None) -> None:
        self.now = NOON
        self.edges: list[Edge] = []
        self.told: list[list[tuple[str, PartState]]] = []
        self.board = Board(lambda: self.now, self, self.changed, limits or BoardLimits())

    def listed(self) -> Sequence[Edge]:
        return self.edges

    def changed(self, parts: Sequence[PartHealth]) -> None:
        self.told.append([(part.part, part.state) for part in parts])

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_three_missed_reports_are_silence_and_the_next_one_ends_it(bench: Bench) -> None:
    bench.board.take([INGEST])
    bench.after(15)
    bench.board.sweep()
    assert bench.board.parts()[0].state is PartState.RUNNING
    bench.after(0.1)
    bench.board.sweep()
    (silent,) = bench.board.parts()
    assert (silent.state, silent.since, silent.at) == (PartState.SILENT, NOON, NOON)
    bench.board.take([INGEST])
    assert bench.told == [
        [("eve", PartState.RUNNING)],
        [("eve", PartState.SILENT)],
        [("eve", PartState.RUNNING)],
    ]


def test_the_same_report_again_tells_nobody_but_another_restart_does(bench: Bench) -> None:
    bench.board.take([INGEST])
    bench.board.take([INGEST])
    assert len(bench.told) == 1
    bench.board.take([replace(INGEST, restarts=1)])
    assert len(bench.told) == 2


def test_a_slow_part_announces_its_pace_and_a_stopped_one_is_not_silent(bench: Bench) -> None:
    bench.board.take([replace(INGEST, part="slow", every_s=60.0), replace(INGEST, part="off", state=PartState.STOPPED)])
    bench.after(170)
    assert {part.part: part.state for part in bench.board.parts()} == {
        "slow": PartState.RUNNING,
        "off": PartState.STOPPED,
    }


def test_a_known_edge_that_never_reports_is_silent_after_a_while(bench: Bench) -> None:
    seen = NOON - timedelta(hours=3)
    bench.edges = [
        Edge("gialam", "z1", "", seen, last_seen_at=seen),
        Edge("dongda", "z2", "", seen, revoked_at=seen),
    ]
    assert bench.board.parts() == []
    bench.after(61)
    (silent,) = bench.board.parts()
    assert (silent.edge, silent.state, silent.since) == ("gialam", PartState.SILENT, seen)
    bench.board.take([replace(INGEST, edge="gialam")])
    assert [part.state for part in bench.board.parts()] == [PartState.RUNNING]


def test_a_revoked_edge_is_shown_no_more(bench: Bench) -> None:
    bench.board.take([replace(INGEST, edge="gialam")])
    bench.edges = [Edge("gialam", "z1", "", NOON, revoked_at=NOON)]
    assert bench.board.parts() == []


def test_a_hostile_report_is_cut_to_size(bench: Bench) -> None:
    bench.board.take(
        [
            replace(
                INGEST,
                since=datetime(2100, 1, 1),  # noqa: DTZ001, that it has no zone is the point
                restarts=-5,
                detail=Words("a\x00b\n" * 1000, "x" * 10_000),
                figures={f"f{number}": 1.0 for number in range(1000)}
                | {"a_bytes": float("nan"), 'b{x="1"}': 1.0, "up": 0.0},
                every_s=float("inf"),
            )
        ]
    )
    (part,) = bench.board.parts()
    assert (part.since, part.restarts, part.every_s) == (NOON, 0, 1.0)
    assert len(part.detail.en) == 400
    assert "\x00" not in part.detail.vi
    assert "\n" not in part.detail.vi
    assert len(part.figures) == 40
    assert not {"a_bytes", "up", 'b{x="1"}'} & part.figures.keys()


@pytest.mark.parametrize("name", ["", "a b", 'x"} 1', "đ", "x" * 81, "\n"])
def test_a_part_without_a_proper_name_is_counted(bench: Bench, name: str) -> None:
    bench.board.take([replace(INGEST, part=name), replace(INGEST, edge=name), INGEST])
    assert bench.board.refused == 2
    assert [part.part for part in bench.board.parts()] == ["eve"]


def test_no_edge_fills_the_board_and_the_longest_silent_makes_room() -> None:
    bench = Bench(BoardLimits(parts=3, parts_of_edge=2))
    bench.board.take([replace(INGEST, part=f"p{number}") for number in range(9)])
    bench.board.take([replace(INGEST, edge="other")])
    assert (len(bench.board.parts()), bench.board.refused) == (3, 7)
    bench.board.take([replace(INGEST, edge="third")])
    assert bench.board.refused == 8
    bench.after(60)
    bench.board.take([replace(INGEST, edge="third")])
    assert (len(bench.board.parts()), bench.board.refused) == (3, 8)
