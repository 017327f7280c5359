"""The pure parts: times, throttle, idempotency, conditions of units, a moment's cache."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from api.cities import Moment
from api.city import together
from api.idempotency import IdempotentWrites
from api.problems import ApiError
from api.throttle import Throttle
from api.times import instant, nice_step, span
from wardwatch.errors import StoreFault, UserError
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.status import Status
from wardwatch.model.time import TimeRange

NOW = datetime(2026, 7, 9, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("now-6h", NOW - timedelta(hours=6)),
        ("2026-07-09T15:00:00+07:00", NOW),
        ("2026-07-09T15:00:00 07:00", NOW),
        ("2026-07-09T08:00:00Z", NOW),
    ],
)
def test_instants(text: str, expected: datetime) -> None:
    assert instant(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "now+1h", "now-1y", "2026-07-09", "2026-07-09T08:00:00", "now-999999w"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(UserError):
        instant(text, NOW)


def test_steps() -> None:
    assert span("90s") == timedelta(seconds=90)
    assert nice_step(TimeRange.last(timedelta(hours=6), NOW), 360, timedelta(minutes=1)) == timedelta(minutes=1)
    assert nice_step(TimeRange.last(timedelta(days=7), NOW), 360, timedelta(minutes=1)) == timedelta(minutes=30)


def test_a_throttle_opens_again_and_forgets_the_oldest_keys() -> None:
    now = [NOW]
    throttle = Throttle(lambda: now[0], 2, timedelta(minutes=5), capacity=2)
    assert [throttle.attempt("a") for _ in range(3)] == [0.0, 0.0, 300.0]
    now[0] += timedelta(minutes=5)
    assert throttle.attempt("a") == 0.0
    throttle.succeeded("a")
    assert [throttle.attempt("a") for _ in range(2)] == [0.0, 0.0]
    throttle.attempt("b")
    throttle.attempt("c")
    assert throttle.attempt("a") == 0.0, "the key touched longest ago was forgotten"


def test_writes_at_once_are_one_write() -> None:
    writes, ran, gate = IdempotentWrites(), [], threading.Event()

    def write() -> int:
        ran.append(1)
        gate.wait(5)
        return len(ran)

    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(writes.once("u", "k", "f", write)), daemon=True)
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert answers == [1, 1, 1, 1]
    with pytest.raises(ApiError):
        writes.once("u", "k", "other", write)


def test_a_failed_write_can_be_tried_again() -> None:
    writes = IdempotentWrites()
    with pytest.raises(ZeroDivisionError):
        writes.once("u", "k", "f", lambda: 1 // 0)
    assert writes.once("u", "k", "f", lambda: 2) == 2


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("", "no_data"),
        ("ok ok", "ok"),
        ("down down", "down"),
        ("down behind", "down"),
        ("behind behind", "behind"),
        ("down ok", "degraded"),
        ("degraded degraded", "degraded"),
        ("ok no_data", "no_data"),
        ("ok ok no_data", "ok"),
        ("maintenance maintenance", "maintenance"),
        ("ok maintenance", "ok"),
    ],
)
def test_devices_together(statuses: str, expected: str) -> None:
    devices = [DeviceStatus("d", "u", Status(status), NOW, NOW) for status in statuses.split()]
    assert together(devices).status == expected


def test_a_moment_answers_once_for_all() -> None:
    clock = [0.0]
    made: list[int] = []
    moment: Moment[str, int] = Moment(1.0, clock_s=lambda: clock[0])

    def make() -> int:
        made.append(1)
        return len(made)

    assert [moment.get("k", make), moment.get("k", make)] == [1, 1]
    clock[0] = 1.5
    assert moment.get("k", make) == 2


def test_a_moment_in_its_grace_answers_at_once_and_is_renewed() -> None:
    clock = [0.0]
    renewing, let_go, renewed = threading.Event(), threading.Event(), threading.Event()
    moment: Moment[str, str] = Moment(1.0, clock_s=lambda: clock[0], grace_s=2.0)

    def slow() -> str:
        renewing.set()
        assert let_go.wait(10)
        return "new"

    assert moment.get("k", lambda: "old") == "old"
    clock[0] = 1.5
    assert moment.get("k", slow) == "old"
    assert renewing.wait(10)
    assert moment.get("k", lambda: "never, the next one is being made") == "old"
    clock[0] = 3.5

    def ask() -> None:
        moment.get("k", lambda: "newest")
        renewed.set()

    late = threading.Thread(target=ask)
    late.start()
    assert not renewed.is_set()
    let_go.set()
    assert renewed.wait(10)
    late.join()
    assert moment.get("k", lambda: "unused") == "newest"


def test_a_moment_that_cannot_be_renewed_says_so_when_its_grace_is_over() -> None:
    clock = [0.0]
    failed = threading.Event()
    moment: Moment[str, str] = Moment(1.0, clock_s=lambda: clock[0], grace_s=2.0)

    def fail() -> str:
        failed.set()
        raise StoreFault("the disk is gone")

    assert moment.get("k", lambda: "old") == "old"
    clock[0] = 1.5
    assert moment.get("k", fail) == "old"
    assert failed.wait(10)
    clock[0] = 3.5
    with pytest.raises(StoreFault):
        moment.get("k", fail)
