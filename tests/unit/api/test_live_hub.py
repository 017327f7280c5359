"""The hub: bounded, never waiting, honest about what a listener missed."""

import asyncio
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from api.problems import ApiError
from api.stream import RESYNC, LiveHub
from wardwatch.model.access import Scope

NOW = datetime(2026, 7, 9, tzinfo=UTC)
ALL = Scope.everything()


def hub(**bounds: int) -> LiveHub:
    return LiveHub(lambda: NOW, CollectorRegistry(), boot="b", **bounds)


def test_a_slow_listener_is_told_to_read_again_and_dropped() -> None:
    async def run() -> None:
        live = hub(queue=2)
        slow = live.join(ALL, None)
        for number in range(4):
            live.publish("status", {"units": ["w"], "number": number})
        message = await slow.next(1)
        assert message is not None
        assert message.topic == RESYNC
        assert await slow.next(1) is None
        assert slow.closed
        assert live.dropped == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("last", "expected"),
    [("b-3", ["4", "5"]), ("b-5", []), ("b-1", [RESYNC]), ("a-3", [RESYNC]), ("b-9", [RESYNC]), ("x", [RESYNC])],
)
def test_what_was_missed(last: str, expected: list[str]) -> None:
    async def run() -> list[str]:
        live = hub(ring=3)
        for number in range(1, 6):
            live.publish("status", {"units": ["w"], "number": str(number)})
        listener = live.join(ALL, last)
        live.close()
        found = []
        listener.closed = True
        while message := await listener.next(1):
            found.append(RESYNC if message.topic == RESYNC else message.payload["number"])
        return found

    assert asyncio.run(run()) == expected


def test_from_another_thread_it_wakes_the_listener() -> None:
    async def run() -> None:
        live = hub()
        listener = live.join(Scope.of("w"), None)
        waiting = asyncio.create_task(listener.next(5))
        await asyncio.to_thread(live.publish, "status", {"units": ["other"]})
        await asyncio.to_thread(live.publish, "freshness", {"units": ["other"], "age_s": 1})
        message = await waiting
        assert message is not None
        assert message.payload == {"units": [], "age_s": 1}

    asyncio.run(run())


def test_too_many_listeners_are_refused() -> None:
    async def run() -> None:
        live = hub(listeners=1)
        live.join(ALL, None)
        with pytest.raises(ApiError):
            live.join(ALL, None)

    asyncio.run(run())


def test_a_count_over_many_units_is_told_to_those_who_see_them_all() -> None:
    async def run() -> list[dict[str, object]]:
        live = hub()
        listeners = [live.join(scope, None) for scope in (Scope.of("w"), Scope.of("w", "x"))]
        live.publish("events", {"units": ["w", "x"], "count": 7})
        return [message.payload for listener in listeners if (message := await listener.next(1))]

    assert asyncio.run(run()) == [{"units": ["w"]}, {"units": ["w", "x"], "count": 7}]
