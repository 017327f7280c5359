"""The ingest: takes what Suricata writes, maps, enriches, ships; and hands Suricata its rules."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from collectors.suricata.eve_gather import GatherLimits, LineGatherer
from collectors.suricata.eve_socket import EveSocket, EveSocketSettings
from collectors.suricata.ingest import IngestSettings, SuricataIngest
from collectors.suricata.mapper import EveMapper
from collectors.suricata.sensor import SensorRules
from collectors.suricata.sensor_watch import SensorWatch
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.app import AppSettings
from wardwatch.app.eve_health import EveParts
from wardwatch.app.inventory import KeptInventory, first_inventory, follow_inventory
from wardwatch.app.journaling import DRAIN_S, alone, journal_health
from wardwatch.app.reporting import Reporter
from wardwatch.app.rules import RuleFollower
from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.installation import read_sensor
from wardwatch.inventory.directory import Directory
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch, SourceProgress
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder, SensorSettings
from wardwatch.shipping import CoreConnection, DirectShipper, Journal, JournalSettings, JournalShipper
from wardwatch.shipping.shippers import Backoff
from wardwatch.supervision import until_released_or_failed

log = logging.getLogger(__name__)

EDGE = "ingest"
EVE = "eve"
"""The edge whose journal holds what came through the sockets."""
STREAM, DATAGRAM = "eve.sock", "eve.dgram.sock"
_JOURNAL = JournalSettings()
_ROOM_BYTES = 16 * 1024 * 1024
"""So much of the journal must be free before a stream is read on: what is under way needs it."""


@dataclass(frozen=True, slots=True)
class EvePlaces:
    """Where Suricata's events come from: the folder where it writes `eve.json`, and ours with the sockets that it may
    write into; the journal of what comes through those; and the Suricata that gets the core's rules."""

    folder: Path
    sockets: Path
    journal: Path
    sensor: SensorSettings

    @classmethod
    def of(cls, data: DataFolder, folder: Path) -> Self:
        """Of an edge whose Suricata writes into `folder`. Raises `DocumentError`."""
        return cls(folder, data.eve, data.journal / EVE, read_sensor(data))


async def run_ingest(settings: AppSettings) -> None:
    """Takes Suricata's events until released. Opens no store."""
    places = EvePlaces.of(settings.data, settings.data.eve)
    await until_released_or_failed(ingesting(lambda: CoreConnection(settings.data.socket), places))


async def ingesting(
    connect: Callable[[], CoreConnection], places: EvePlaces, kept: KeptInventory | None = None
) -> None:
    """Follows the files of a folder, listens beside them, maps, enriches, ships over whatever line, until cancelled."""
    places.sockets.mkdir(parents=True, exist_ok=True)
    with alone(places.journal):
        watch = connect()
        version, inventory = await first_inventory(watch, kept=kept)
        locate, began, sensors = Directory(inventory).locate, utc_now(), SensorWatch(utc_now)
        shipper, journal = DirectShipper(connect(), EDGE), Journal(places.journal, EVE, _JOURNAL)
        journal.open()
        tail = EveTail(TailSettings(places.folder))
        tail.open(await _sources(shipper))
        # One each: they map in different threads.
        of_files, of_sockets = EveMapper(locate, utc_now), EveMapper(locate, utc_now)

        async def ship(batch: Batch) -> None:
            await shipper.ship(batch)
            sensors.observe(batch)

        def reload(new: Inventory) -> None:
            for mapper in (of_files, of_sockets):
                mapper.reload(Directory(new).locate)

        async with (
            JournalShipper(connect(), journal, EVE) as journaled,
            SuricataIngest(IngestSettings(), tail, of_files, ship) as ingest,
            AsyncExitStack() as stack,
        ):
            gatherer = _gatherer(places, of_sockets, journaled, journal, sensors)
            sockets, trouble = await _listening(stack, places, gatherer)
            rules = _rules(connect, places)
            parts = EveParts(EDGE, began, utc_now, ingest, gatherer, sockets, trouble)
            reporter = Reporter(
                connect(),
                lambda: [
                    *parts.health(),
                    journal_health(journal, EDGE, "eve_journal", began, utc_now, reporter.clock_skew_s),
                    *sensors.health(EDGE, parts.is_behind),
                    *rules.health(EDGE),
                ],
                utc_now,
            )
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(ingest.wait())
                    group.create_task(journaled.wait())
                    group.create_task(reporter.run())
                    group.create_task(rules.run())
                    group.create_task(follow_inventory(watch, version, reload, kept=kept))
                    if sockets is not None:
                        group.create_task(sockets.wait())
            except BaseExceptionGroup as failures:
                # Whoever reads the error wants to know what failed first, not that it was one of several.
                raise failures.exceptions[0] from None
            finally:
                await stack.aclose()
                if not await journaled.drain(DRAIN_S):
                    log.info("lines wait for the core in the journal pending=%d", journal.pending)


def _gatherer(
    places: EvePlaces, mapper: EveMapper, shipper: JournalShipper, journal: Journal, sensors: SensorWatch
) -> LineGatherer:
    async def put(batch: Batch) -> None:
        await shipper.put(batch)
        sensors.observe(batch)

    def has_room() -> bool:
        return journal.pending_bytes + _ROOM_BYTES < _JOURNAL.max_bytes

    return LineGatherer(GatherLimits(), mapper, put, has_room, str(uuid.uuid4()), str(places.sockets / STREAM))


async def _listening(
    stack: AsyncExitStack, places: EvePlaces, gatherer: LineGatherer
) -> tuple[EveSocket | None, UserError | None]:
    """The sockets; where they cannot be made the files are followed all the same, and the reason is shown."""
    settings = EveSocketSettings(places.sockets / STREAM, places.sockets / DATAGRAM)
    try:
        return await stack.enter_async_context(EveSocket(settings, gatherer)), None
    except UserError as error:
        log.error("not listening for events: %s", error)
        return None, error


def _rules(connect: Callable[[], CoreConnection], places: EvePlaces) -> RuleFollower:
    return RuleFollower(connect(), SensorRules(places.sensor), utc_now)


async def _sources(shipper: DirectShipper) -> Sequence[SourceProgress]:
    """Where the tail goes on, as soon as the core says so."""
    backoff, failures = Backoff(), 0
    while True:
        try:
            return await shipper.sources()
        except (TransportFault, StoreFault) as error:
            failures += 1
            log.info("waiting for the core reason=%s", error)
            await asyncio.sleep(backoff.after(failures))
