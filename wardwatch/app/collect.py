"""The collector: polls, journals, ships."""

import logging
from collections.abc import Sequence

from collectors.snmp.delivery import Sink
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from wardwatch.app import AppSettings
from wardwatch.app.inventory import first_inventory, follow_inventory
from wardwatch.model.records import Batch, DeviceFacts, PollOutcome, SampleBlock
from wardwatch.model.time import utc_now
from wardwatch.secrets import Secrets
from wardwatch.shipping import CoreConnection, Journal, JournalShipper
from wardwatch.supervision import until_released_or_failed

log = logging.getLogger(__name__)

EDGE = "collect"
DRAIN_S = 5.0


async def run_collect(settings: AppSettings) -> None:
    """Polls, journals, ships, until released. Opens no store."""
    line, watch = CoreConnection(settings.data.socket), CoreConnection(settings.data.socket)
    journal = Journal(settings.data.journal / EDGE, EDGE)
    journal.open()
    secrets = Secrets(settings.data.secrets)
    version, inventory = await first_inventory(watch)
    async with JournalShipper(line, journal, EDGE) as shipper:
        rounds = RoundSettings(interval_s=settings.interval_s)
        sink = _journal_sink(shipper)
        async with SnmpCollector(rounds, inventory, secrets.resolve, sink, utc_now) as collector:
            await until_released_or_failed(shipper.wait(), follow_inventory(watch, version, collector.reload))
        if not await shipper.drain(DRAIN_S):
            log.info("batches wait for the core in the journal pending=%d", journal.pending)


def _journal_sink(shipper: JournalShipper) -> Sink:
    async def deliver(
        blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        await shipper.put(Batch("", "", 0, blocks=tuple(blocks), outcomes=tuple(outcomes), facts=tuple(facts)))

    return deliver
