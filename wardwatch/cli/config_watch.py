"""`wardwatch config watch`: backups at an interval, and when a device's syslog says that it was changed."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import typer

from playbooks.service import Changes, Kept
from playbooks.watching import BackupWatch
from wardwatch.cli.changing import Data, changing
from wardwatch.cli.data import open_data
from wardwatch.cli.processes import run_process
from wardwatch.errors import WardWatchError
from wardwatch.model.queries import EventPage, EventQuery
from wardwatch.model.time import duration, utc_now
from wardwatch.scheduling import Scheduler
from wardwatch.supervision import until_released

log = logging.getLogger(__name__)

SYSLOG_EVERY = timedelta(seconds=30)


def watch(
    data: Data,
    every: Annotated[str, typer.Option(help="How often every device is read, like 6h.")] = "6h",
) -> None:
    """Backs up until it is ended: every device at an interval, and one soon after its syslog says it was changed."""

    def events(query: EventQuery) -> EventPage:
        with open_data(data, must_exist=True) as opened:
            return opened.events(query)

    watching = BackupWatch(data / "playbooks" / "syslog-followed", events, utc_now)

    async def run() -> None:
        async with Scheduler() as scheduler:
            scheduler.every("backup", duration(every), lambda: _look(watching.all))
            scheduler.every("changed", SYSLOG_EVERY, lambda: _look(watching.changed))
            await until_released()

    async def _look(look: Callable[[Changes], list[Kept]]) -> None:
        try:
            kept = await asyncio.to_thread(lambda: look(changing(data)))
        except WardWatchError as error:
            log.error("no backup made reason=%s", error)
            return
        for each in kept:
            if each.fault or each.changed:
                log.info("backup device=%s changed=%s fault=%s", each.device, each.changed, each.fault or "none")

    run_process(run())
