"""Repeated work at fixed intervals: the one typed wrapper of APScheduler.

Jobs live in memory and are made anew from settings at each start. A job's phase inside its interval is hashed from
its id, so that many jobs spread evenly and keep their place across restarts. A run that is due while the last one
still runs is not started (overlapped); runs that the machine slept through are made up by one (missed).
"""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_SUBMITTED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Phases are counted from here, so that they do not depend on when we were started."""


@dataclass(slots=True)
class RunCounters:
    """What became of the runs since the start."""

    started: int = 0
    finished: int = 0
    failed: int = 0
    missed: int = 0
    overlapped: int = 0


@dataclass(slots=True)
class _Job:
    interval: timedelta
    overlapped: Callable[[datetime], None] | None
    last: datetime | None = None


class Scheduler:
    """Runs coroutine functions at their intervals on the running event loop."""

    def __init__(self) -> None:
        self.counters = RunCounters()
        self._stopping = False
        self._jobs: dict[str, _Job] = {}
        self._engine = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._engine.add_listener(self._on_submission, EVENT_JOB_SUBMITTED | EVENT_JOB_MAX_INSTANCES)
        self._engine.add_listener(self._on_end, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def start(self) -> None:
        """Starts the jobs; needs a running event loop."""
        self._engine.start()

    async def stop(self) -> None:
        """Starts nothing any more. Runs in flight are cancelled."""
        if self._engine.running:
            self._stopping = True
            self._engine.shutdown(wait=False)
            # APScheduler does it in the loop's next turn.
            await asyncio.sleep(0)

    def every(
        self,
        name: str,
        interval: timedelta,
        run: Callable[[], Awaitable[None]],
        overlapped: Callable[[datetime], None] | None = None,
    ) -> None:
        """Runs `run` every `interval` at the phase of its name; replaces a job of the same name. `overlapped` is
        told when a run was due at that time and could not be started."""
        self._jobs[name] = _Job(interval, overlapped)
        trigger = IntervalTrigger(
            seconds=interval.total_seconds(), start_date=EPOCH + phase(name, interval), timezone=UTC
        )
        self._engine.add_job(self._awaiting(run), trigger, id=name, name=name, replace_existing=True)

    def remove(self, name: str) -> None:
        """Takes a job out; one that is not there is no error."""
        if self._jobs.pop(name, None) is not None:
            try:
                self._engine.remove_job(name)
            except JobLookupError:
                log.debug("job was gone already name=%s", name)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._jobs)

    def _awaiting(self, run: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """A coroutine function, by which APScheduler tells that a job belongs on the event loop."""

        async def awaited() -> None:
            try:
                await run()
            except asyncio.CancelledError:
                # APScheduler calls a run that we cut short a failed one, with a traceback at each Ctrl-C.
                if not self._stopping:
                    raise

        return awaited

    def _on_submission(self, event: JobSubmissionEvent) -> None:
        job = self._jobs.get(event.job_id)
        if job is None:
            return
        due: datetime = event.scheduled_run_times[-1]
        if job.last is not None:
            self.counters.missed += max(0, round((due - job.last) / job.interval) - 1)
        job.last = due
        if event.code == EVENT_JOB_SUBMITTED:
            self.counters.started += 1
            return
        self.counters.overlapped += 1
        if job.overlapped is not None:
            job.overlapped(due)

    def _on_end(self, event: JobExecutionEvent) -> None:
        if event.code == EVENT_JOB_ERROR:
            self.counters.failed += 1
            log.error("scheduled run failed name=%s error=%r", event.job_id, event.exception, exc_info=event.exception)
        else:
            self.counters.finished += 1


def phase(name: str, interval: timedelta) -> timedelta:
    """Where in its interval a job of that name runs: the same on every machine and after every restart."""
    return interval * (zlib.crc32(name.encode()) / 2**32)
