"""The ingest: follows Suricata's files, maps, enriches, ships."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from collectors.suricata.ingest import IngestSettings, SuricataIngest
from collectors.suricata.mapper import EveMapper
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.app import AppSettings
from wardwatch.app.inventory import KeptInventory, first_inventory, follow_inventory
from wardwatch.errors import StoreFault, TransportFault
from wardwatch.inventory.directory import Directory
from wardwatch.model.records import SourceProgress
from wardwatch.model.time import utc_now
from wardwatch.shipping import CoreConnection, DirectShipper
from wardwatch.shipping.shippers import Backoff
from wardwatch.supervision import until_released_or_failed

log = logging.getLogger(__name__)

EDGE = "ingest"


async def run_ingest(settings: AppSettings) -> None:
    """Follows Suricata's files until released. Opens no store."""
    settings.data.eve.mkdir(parents=True, exist_ok=True)
    await until_released_or_failed(ingesting(lambda: CoreConnection(settings.data.socket), settings.data.eve))


async def ingesting(connect: Callable[[], CoreConnection], eve: Path, kept: KeptInventory | None = None) -> None:
    """Follows the files of a folder, maps, enriches, ships over whatever line, until cancelled."""
    watch = connect()
    version, inventory = await first_inventory(watch, kept=kept)
    shipper = DirectShipper(connect(), EDGE)
    tail = EveTail(TailSettings(eve))
    tail.open(await _sources(shipper))
    mapper = EveMapper(Directory(inventory).locate, utc_now)
    async with SuricataIngest(IngestSettings(), tail, mapper, shipper.ship) as ingest, asyncio.TaskGroup() as group:
        group.create_task(ingest.wait())
        group.create_task(follow_inventory(watch, version, lambda new: mapper.reload(Directory(new).locate), kept=kept))


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
