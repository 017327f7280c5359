"""Repeated work: phases, overlaps, failures that stay by themselves."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardwatch.scheduling import Scheduler, phase

MINUTE = timedelta(minutes=1)


async def until(event: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await event.wait()


@given(st.text(max_size=40))
def test_a_phase_lies_in_the_interval_and_never_moves(name: str) -> None:
    assert timedelta(0) <= phase(name, MINUTE) < MINUTE
    assert phase(name, MINUTE) == phase(name, MINUTE)


def test_many_devices_spread_over_the_interval() -> None:
    seconds = [int(phase(f"ward-{n}-switch", MINUTE).total_seconds()) for n in range(1200)]
    assert max(seconds.count(second) for second in range(60)) < 45


def test_a_run_that_is_due_while_the_last_one_runs_is_counted_and_told() -> None:
    async def story() -> tuple[int, list[datetime]]:
        told: list[datetime] = []
        overlapped, release = asyncio.Event(), asyncio.Event()

        def on_overlap(due: datetime) -> None:
            told.append(due)
            overlapped.set()

        async with Scheduler() as scheduler:
            scheduler.every("slow", timedelta(milliseconds=50), lambda: until(release), on_overlap)
            await until(overlapped)
            release.set()
            return scheduler.counters.overlapped, told

    count, told = asyncio.run(story())
    assert count >= 1
    assert told[0].tzinfo is not None


def test_a_failing_job_is_counted_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> Scheduler:
        runs = asyncio.Event()

        async def fail() -> None:
            raise RuntimeError("out of order")

        async def work() -> None:
            if scheduler.counters.failed:
                runs.set()

        async with Scheduler() as scheduler:
            scheduler.every("bad", timedelta(milliseconds=30), fail)
            scheduler.every("good", timedelta(milliseconds=30), work)
            await until(runs)
        return scheduler

    assert asyncio.run(story()).counters.failed >= 1
    assert "name=bad" in caplog.text


def test_a_removed_job_is_gone() -> None:
    async def story() -> frozenset[str]:
        async with Scheduler() as scheduler:
            scheduler.every("a", MINUTE, lambda: asyncio.sleep(0))
            scheduler.every("b", MINUTE, lambda: asyncio.sleep(0))
            scheduler.remove("a")
            scheduler.remove("never there")
            return scheduler.names

    assert asyncio.run(story()) == {"b"}


def test_a_run_cut_short_by_stopping_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> int:
        started = asyncio.Event()

        async def wait() -> None:
            started.set()
            await asyncio.Event().wait()

        async with Scheduler() as scheduler:
            scheduler.every("silent", timedelta(milliseconds=50), wait)
            await until(started)
        await asyncio.sleep(0)
        return scheduler.counters.failed

    with caplog.at_level("ERROR"):
        assert asyncio.run(story()) == 0
    assert caplog.messages == []
