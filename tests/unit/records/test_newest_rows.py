"""The newest rows in memory: what the server had once, and what was stored since."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.queries import LatestRow
from wardwatch.model.records import SampleBlock
from wardwatch.records.elastic.newest import NewestRows

AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOTHING: dict[str, float | None] = dict.fromkeys(MEASUREMENTS["device"].columns)


def block(minute: int, up: float | None, device: str = "r1", unit: str = "w1") -> SampleBlock:
    return SampleBlock("device", device, unit, AT + minute * MINUTE, ("",), {"up": (up,)})


class Server:
    """What the server has, and how often it was asked."""

    def __init__(self, *rows: tuple[str, int, float]) -> None:
        self.rows = rows
        self.asked: list[datetime] = []
        self.meanwhile: Iterable[SampleBlock] = ()
        self.newest = NewestRows()

    def read(self, since: datetime) -> list[LatestRow]:
        self.asked.append(since)
        self.newest.took("default", self.meanwhile)
        found = [
            LatestRow(device, "w1", "", AT + minute * MINUTE, {**NOTHING, "up": up}) for device, minute, up in self.rows
        ]
        return [row for row in found if row.at >= since]

    def seen(self, since: datetime = AT) -> dict[str, float | None]:
        rows = self.newest.rows("default", "device", since, lambda device, unit: unit != "hidden", self.read)
        return {row.device: row.values["up"] for row in rows}


def test_the_server_is_asked_once_and_the_writer_goes_on() -> None:
    server = Server(("r1", 1, 1.0), ("r2", 1, 2.0))
    assert server.seen() == {"r1": 1.0, "r2": 2.0}
    server.newest.took(
        "default", [block(2, 5.0), block(0, 9.0, "r2"), block(3, 7.0, "r3"), block(1, 1.0, "r4", "hidden")]
    )
    assert server.seen() == {"r1": 5.0, "r2": 2.0, "r3": 7.0}
    assert server.seen(AT + 2 * MINUTE) == {"r1": 5.0, "r3": 7.0}
    assert server.asked == [AT]


def test_the_first_row_of_an_instant_stays_and_no_number_is_none() -> None:
    server = Server(("r1", 1, 1.0))
    server.seen()
    server.newest.took("default", [block(1, 2.0), block(4, float("nan"), "r2"), block(4, float("inf"), "r3")])
    assert server.seen() == {"r1": 1.0, "r2": None, "r3": None}


def test_what_is_stored_while_the_server_answers_is_not_lost() -> None:
    server = Server(("r1", 1, 1.0))
    server.meanwhile = [block(2, 2.0), block(2, 3.0, "r2")]
    assert server.seen() == {"r1": 2.0, "r2": 3.0}


def test_an_earlier_instant_is_asked_for_again() -> None:
    server = Server(("r1", -60, 1.0), ("r2", 1, 2.0))
    assert server.seen() == {"r2": 2.0}
    assert not server.newest.knows("default", "device", AT - 60 * MINUTE)
    assert server.seen(AT - 60 * MINUTE) == {"r1": 1.0, "r2": 2.0}
    assert server.newest.knows("default", "device", AT - 60 * MINUTE)
    assert server.seen() == {"r2": 2.0}
    assert len(server.asked) == 2


def test_the_silent_are_let_go_and_everything_can_be_read_again() -> None:
    server = Server(("r1", 1, 1.0))
    server.seen()
    later = AT + timedelta(days=4)
    assert server.seen(later) == {}
    server.rows = ()
    assert not server.newest.knows("default", "device", AT)
    assert server.seen() == {}
    server.rows = (("r1", 1, 3.0),)
    server.newest.forget()
    assert server.seen() == {"r1": 3.0}


def test_namespaces_are_apart() -> None:
    server = Server(("r1", 1, 1.0))
    server.seen()
    server.newest.took("drill", [block(2, 0.0)])
    assert server.seen() == {"r1": 1.0}
    assert not server.newest.knows("drill", "device", AT)
