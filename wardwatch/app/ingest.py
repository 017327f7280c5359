"""The ingest: follows Suricata's files, maps, enriches, ships."""

from collectors.suricata.ingest import IngestSettings, SuricataIngest
from collectors.suricata.mapper import EveMapper
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.app import AppSettings
from wardwatch.app.inventory import first_inventory, follow_inventory
from wardwatch.inventory.directory import Directory
from wardwatch.model.time import utc_now
from wardwatch.shipping import CoreConnection, DirectShipper
from wardwatch.supervision import until_released_or_failed

EDGE = "ingest"


async def run_ingest(settings: AppSettings) -> None:
    """Follows Suricata's files, maps, enriches, ships, until released. Opens no store."""
    watch = CoreConnection(settings.data.socket)
    version, inventory = await first_inventory(watch)
    settings.data.eve.mkdir(parents=True, exist_ok=True)
    shipper = DirectShipper(CoreConnection(settings.data.socket), EDGE)
    tail = EveTail(TailSettings((str(settings.data.eve / "eve.json"), str(settings.data.eve / "eve.*.json"))))
    tail.open(await shipper.sources())
    mapper = EveMapper(Directory(inventory).locate, utc_now)
    async with SuricataIngest(IngestSettings(), tail, mapper, shipper.deliver) as ingest:
        following = follow_inventory(watch, version, lambda new: mapper.reload(Directory(new).locate))
        await until_released_or_failed(ingest.wait(), following)
