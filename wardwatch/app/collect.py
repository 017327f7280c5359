"""The collector: polls, journals, ships; beside the core, or in a district over HTTPS."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from collectors.discovery.survey import FactsSink, Surveyor, SurveySettings
from collectors.snmp.delivery import Sink
from collectors.snmp.profiles.catalogue import load_catalogue
from collectors.snmp.quirks import Quirks
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from wardwatch.app import AppSettings
from wardwatch.app.finding import finding
from wardwatch.app.inventory import KeptInventory, View, first_inventory, follow_inventory, unclaimed, whole
from wardwatch.app.journaling import DRAIN_S, alone, journal_health
from wardwatch.app.reporting import Reporter
from wardwatch.app.trying import Trying
from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch, DeviceFacts, PollOutcome, SampleBlock
from wardwatch.model.tallies import polled
from wardwatch.model.time import utc_now
from wardwatch.secrets import Secrets
from wardwatch.shipping import CoreConnection, Journal, JournalShipper
from wardwatch.supervision import until_released_or_failed

log = logging.getLogger(__name__)

EDGE = "collect"

Connect = Callable[[], CoreConnection]
Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """A collector in a district: the zone it is meant for, where the core is, the reference of its token, the
    authority of the core's certificate (None: the system's), and where its own Suricata writes (None: it has none)."""

    zone: str
    server: str
    token: str
    ca: Path | None = None
    eve: Path | None = None


async def run_collect(settings: AppSettings) -> None:
    """Polls what no remote edge polls and searches for devices, until released. Opens no store."""

    def connect() -> CoreConnection:
        return CoreConnection(settings.data.socket)

    secrets = Secrets(settings.data.secrets)
    await _collect(settings, connect, unclaimed, None, (lambda: finding(connect, secrets.resolve),))


async def run_remote(settings: AppSettings, remote: RemoteSettings) -> None:
    """Polls a zone and carries its Suricata, over HTTPS, until released. Without its line it goes on from what it has
    on its disk."""
    from wardwatch.app.ingest import EvePlaces, ingesting
    from wardwatch.shipping.https import HttpsLine

    secrets = Secrets(settings.data.secrets)
    secrets.resolve(remote.token)

    def connect() -> CoreConnection:
        return CoreConnection(HttpsLine(remote.server, lambda: secrets.resolve(remote.token), remote.ca))

    kept = KeptInventory(settings.data.root / "inventory.kept")
    await _examine_zone(connect(), remote)
    eve, work = remote.eve, list[Work]()
    if eve is not None:
        places = EvePlaces.of(settings.data, eve)
        work.append(lambda: ingesting(connect, places, kept))
    await _collect(settings, connect, whole, kept, work)


async def _collect(
    settings: AppSettings, connect: Connect, view: View, kept: KeptInventory | None, work: Sequence[Work]
) -> None:
    with alone(settings.data.journal / EDGE):
        await _polling(settings, connect, view, kept, work)


async def _polling(
    settings: AppSettings, connect: Connect, view: View, kept: KeptInventory | None, work: Sequence[Work]
) -> None:
    watch, registry = connect(), CollectorRegistry()
    journal = Journal(settings.data.journal / EDGE, EDGE)
    journal.open()
    secrets = Secrets(settings.data.secrets)
    began = utc_now()
    version, inventory = await first_inventory(watch, view, kept)
    async with JournalShipper(connect(), journal, EDGE) as shipper:
        rounds = RoundSettings(interval_s=settings.interval_s)
        sink = _journal_sink(shipper, registry)
        known = (load_catalogue(), Quirks(settings.data.root / "quirks.json"))
        trying = Trying(inventory, shipper.put, utc_now, began, EDGE)
        polling = SnmpCollector(rounds, inventory, secrets.resolve, sink, utc_now, registry, *known)
        async with polling as collector, trying:
            surveyor = Surveyor(
                SurveySettings(), inventory, rounds.zones, secrets.resolve, _facts_sink(shipper), utc_now
            )

            def reload(new: Inventory) -> None:
                collector.reload(new)
                surveyor.reload(new)
                trying.reload(new)

            reporter = Reporter(
                connect(),
                lambda: [
                    journal_health(journal, EDGE, "journal", began, utc_now, reporter.clock_skew_s),
                    _rounds(collector, began),
                    PartHealth(EDGE, "survey", utc_now(), PartState.RUNNING, began, figures=surveyor.figures()),
                    *trying.health(),
                ],
                utc_now,
            )
            await until_released_or_failed(
                shipper.wait(),
                follow_inventory(watch, version, reload, view, kept),
                reporter.run(),
                surveyor.run(),
                trying.run(),
                *(each() for each in work),
            )
        if not await shipper.drain(DRAIN_S):
            log.info("batches wait for the core in the journal pending=%d", journal.pending)


async def _examine_zone(line: CoreConnection, remote: RemoteSettings) -> None:
    """The token decides the zone; an edge that was meant for another one must not poll this one. Raises
    `UserError`."""
    try:
        welcome = await line.hello(EDGE, "")
    except (TransportFault, StoreFault) as error:
        log.warning("the core does not answer yet reason=%s", error)
        return
    finally:
        await line.close()
    if welcome.zone != remote.zone:
        raise UserError(
            f"--zone {remote.zone}: the token is for the zone {welcome.zone}",
            f"give --zone {welcome.zone}, or the token of the edge of {remote.zone}",
        )


def _rounds(collector: SnmpCollector, began: datetime) -> PartHealth:
    return PartHealth(EDGE, "polling", utc_now(), PartState.RUNNING, began, figures=collector.metrics.figures())


def _facts_sink(shipper: JournalShipper) -> FactsSink:
    async def deliver(facts: Sequence[DeviceFacts]) -> None:
        await shipper.put(Batch("", "", 0, facts=tuple(facts)))

    return deliver


def _journal_sink(shipper: JournalShipper, registry: CollectorRegistry) -> Sink:
    told = 0.0

    async def deliver(
        blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        """What was lost before it reached the journal (a full disk) goes along as a drop."""
        nonlocal told
        lost = registry.get_sample_value("wardwatch_snmp_readings_dropped_total") or 0.0
        drops = {"reading": int(lost - told)} if lost > told else {}
        batch = Batch("", "", 0, blocks=tuple(blocks), outcomes=tuple(outcomes), facts=tuple(facts), drops=drops)
        await shipper.put(replace(batch, read=polled(batch)))
        told = lost

    return deliver
