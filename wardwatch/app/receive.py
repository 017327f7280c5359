"""The receiver: takes what devices send of their own accord (traps, syslog), journals, ships; beside the core, or in a
district over HTTPS.

A way in is a `Listener` (`wardwatch.app.surroundings`). A new one is a line in `LISTENERS`, its settings in
`ReceptionSettings`, and nothing else: journal, inventory, reports and the order of the end are the same for all.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from wardwatch.app import AppSettings
from wardwatch.app.collect import RemoteSettings
from wardwatch.app.inventory import KeptInventory, first_inventory, follow_inventory
from wardwatch.app.journaling import DRAIN_S, alone, journal_health
from wardwatch.app.receive_flows import flows
from wardwatch.app.receive_syslog import syslog
from wardwatch.app.receive_traps import traps
from wardwatch.app.remote import Connect, examine_zone, remote_line
from wardwatch.app.reporting import Reporter
from wardwatch.app.surroundings import Listener, Surroundings
from wardwatch.installation import read_reception
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.secrets import Secrets
from wardwatch.shipping import CoreConnection, Journal, JournalSettings, JournalShipper
from wardwatch.supervision import until_released_or_failed

log = logging.getLogger(__name__)

EDGE = "receive"
_JOURNAL = JournalSettings()
_ROOM_BYTES = 16 * 1024 * 1024
"""So much of the journal must be free for more to be taken: what is under way needs it."""


LISTENERS: Mapping[str, Callable[[Surroundings], Listener]] = {"traps": traps, "syslog": syslog, "flows": flows}


async def run_receive(settings: AppSettings) -> None:
    """Receives beside the core, until released. Opens no store."""
    await until_released_or_failed(receiving(settings, lambda: CoreConnection(settings.data.socket)))


async def run_remote_receive(settings: AppSettings, remote: RemoteSettings) -> None:
    """Receives in a district, over HTTPS, until released. Without its line it goes on from what it has on its disk."""
    connect = remote_line(settings, remote)
    await examine_zone(connect(), EDGE, remote.zone)
    kept = KeptInventory(settings.data.root / "inventory.received")
    await until_released_or_failed(receiving(settings, connect, kept))


async def receiving(settings: AppSettings, connect: Connect, kept: KeptInventory | None = None) -> None:
    """Listens on every way and ships over whatever line, until cancelled. Raises `DocumentError`."""
    reception, folder = read_reception(settings.data), settings.data.journal / EDGE
    with alone(folder):
        watch, journal, began = connect(), Journal(folder, EDGE, _JOURNAL), utc_now()
        journal.open()
        version, inventory = await first_inventory(watch, kept=kept)
        async with JournalShipper(connect(), journal, EDGE) as shipper:
            surroundings = Surroundings(
                reception,
                settings.data,
                inventory,
                shipper.put,
                lambda: journal.pending_bytes + _ROOM_BYTES < _JOURNAL.max_bytes,
                Secrets(settings.data.secrets).resolve,
                utc_now,
                began,
                EDGE,
            )
            listeners = [make(surroundings) for make in LISTENERS.values()]
            reporter = Reporter(
                connect(),
                lambda: [
                    journal_health(journal, EDGE, "reception_journal", began, utc_now, reporter.clock_skew_s),
                    *(part for listener in listeners for part in listener.health()),
                ],
                utc_now,
            )

            def reload(new: Inventory) -> None:
                for listener in listeners:
                    listener.reload(new)

            async with AsyncExitStack() as stack:
                for listener in listeners:
                    await stack.enter_async_context(listener)
                await _together(
                    shipper.wait(),
                    reporter.run(),
                    follow_inventory(watch, version, reload, kept=kept),
                    *(listener.wait() for listener in listeners),
                )
            if not await shipper.drain(DRAIN_S):
                log.info("batches wait for the core in the journal pending=%d", journal.pending)


async def _together(*work: Awaitable[None]) -> None:
    """All of it until the first failure, which is raised as itself."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
