"""The composition root: every part is made and wired here, by hand."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import uvicorn
from prometheus_client import CollectorRegistry

from api.app import create_app
from api.drill_results import FolderDrillResults
from api.settings import ApiSettings
from api.stream import LiveHub
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from collectors.suricata.ingest import IngestSettings, SuricataIngest
from collectors.suricata.mapper import EveMapper
from collectors.suricata.tail import EveTail, TailSettings
from dashboards.serve import mount_dashboard
from detectors.consumer import DetectionConsumer, DetectionSettings
from wardwatch.errors import StoreFault, SystemFault, TransportFault, UserError
from wardwatch.intake import Intake
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch, DeviceFacts, PollOutcome, SampleBlock
from wardwatch.model.time import utc_now
from wardwatch.ports import RecordStore
from wardwatch.records import open_records
from wardwatch.scheduling import Scheduler
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder, Listen
from wardwatch.shipping import CoreConnection, DirectShipper, Journal, JournalShipper, Receiver
from wardwatch.shipping.shippers import Backoff
from wardwatch.state import open_state
from wardwatch.supervision import until_released, until_released_or_failed

log = logging.getLogger(__name__)

COLLECT_EDGE = "collect"
INGEST_EDGE = "ingest"
# Each run makes a file where a sensor's clock is wrong or an edge catches up: oftener means more small files.
SEAL_EVERY = timedelta(hours=1)
SILENCE_EVERY = timedelta(seconds=15)
INVENTORY_EVERY_S = 10.0
DRAIN_S = 5.0
STOP_S = 5


@dataclass(frozen=True, slots=True)
class AppSettings:
    """What an installation is: where its data is, where it listens, how often it polls (seconds)."""

    data: DataFolder
    listen: Listen = field(default_factory=Listen)
    interval_s: float = 60.0


async def run_core(settings: AppSettings) -> None:
    """Stores, detection, API and live stream, until released. The only process that opens the stores."""
    registry = CollectorRegistry()
    state = open_state(settings.data.state_url, utc_now)
    records = open_records(settings.data.records, utc_now)
    try:
        hub = LiveHub(utc_now, registry)
        inventory = state.inventory.read(Scope.everything())
        consumer = DetectionConsumer(
            state, Directory(inventory), DetectionSettings(interval_s=settings.interval_s), utc_now, hub.publish
        )
        intake = Intake(records, state, consumer, hub.publish, utc_now, lambda new: consumer.reload(Directory(new)))
        api = create_app(
            ApiSettings(poll_interval_s=settings.interval_s),
            state,
            records,
            hub,
            utc_now,
            registry,
            FolderDrillResults(settings.data.drills),
            lambda: intake.dropped,
        )
        mount_dashboard(api)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, intake.close)
            await stack.enter_async_context(Receiver(settings.data.socket, intake))
            scheduler = await stack.enter_async_context(Scheduler())
            scheduler.every("seal", SEAL_EVERY, lambda: _keep_house(records))
            scheduler.every("silence", SILENCE_EVERY, lambda: asyncio.to_thread(consumer.silence))
            await stack.enter_async_context(_serving(api, settings.listen))
            await until_released()
            hub.close()
    finally:
        records.close()
        state.close()


async def run_collect(settings: AppSettings) -> None:
    """Polls, journals, ships, until released. Opens no store."""
    line, watch = CoreConnection(settings.data.socket), CoreConnection(settings.data.socket)
    journal = Journal(settings.data.journal / COLLECT_EDGE, COLLECT_EDGE)
    journal.open()
    secrets = Secrets(settings.data.secrets)
    version, inventory = await _inventory(watch)
    async with JournalShipper(line, journal, COLLECT_EDGE) as shipper:
        rounds = RoundSettings(interval_s=settings.interval_s)
        sink = _journal_sink(shipper)
        async with SnmpCollector(rounds, inventory, secrets.resolve, sink, utc_now) as collector:
            await until_released_or_failed(shipper.wait(), _follow_inventory(watch, version, collector.reload))
        if not await shipper.drain(DRAIN_S):
            log.info("batches wait for the core in the journal pending=%d", journal.pending)


async def run_ingest(settings: AppSettings) -> None:
    """Follows Suricata's files, maps, enriches, ships, until released. Opens no store."""
    watch = CoreConnection(settings.data.socket)
    version, inventory = await _inventory(watch)
    settings.data.eve.mkdir(parents=True, exist_ok=True)
    shipper = DirectShipper(CoreConnection(settings.data.socket), INGEST_EDGE)
    tail = EveTail(TailSettings((str(settings.data.eve / "eve.json"), str(settings.data.eve / "eve.*.json"))))
    tail.open(await shipper.sources())
    mapper = EveMapper(Directory(inventory).locate, utc_now)
    async with SuricataIngest(IngestSettings(), tail, mapper, shipper.deliver) as ingest:
        following = _follow_inventory(watch, version, lambda new: mapper.reload(Directory(new).locate))
        await until_released_or_failed(ingest.wait(), following)


def _journal_sink(
    shipper: JournalShipper,
) -> Callable[[Sequence[SampleBlock], Sequence[PollOutcome], Sequence[DeviceFacts]], Awaitable[None]]:
    async def deliver(
        blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        await shipper.put(Batch("", "", 0, blocks=tuple(blocks), outcomes=tuple(outcomes), facts=tuple(facts)))

    return deliver


async def _inventory(line: CoreConnection) -> tuple[int, Inventory]:
    """The inventory, as soon as the core answers."""
    backoff, failures = Backoff(), 0
    while True:
        try:
            found = await line.inventory()
            return found.version, found.inventory
        except TransportFault as error:
            failures += 1
            log.info("waiting for the core reason=%s", error)
            await asyncio.sleep(backoff.after(failures))


async def _follow_inventory(line: CoreConnection, version: int, reload: Callable[[Inventory], None]) -> None:
    """Reads the inventory again whenever its version has grown."""
    while True:
        await asyncio.sleep(INVENTORY_EVERY_S)
        try:
            if await line.current_inventory_version() == version:
                continue
            found = await line.inventory()
        except TransportFault as error:
            log.info("the core does not answer reason=%s", error)
            continue
        version = found.version
        reload(found.inventory)


async def _keep_house(records: RecordStore) -> None:
    """Seals finished hours and lets old records go; a full disk is logged and tried again."""
    try:
        sealed = await asyncio.to_thread(records.seal, utc_now())
        removed = await asyncio.to_thread(records.retain, utc_now())
    except StoreFault as error:
        log.error("house-keeping failed reason=%s", error)
        return
    if sealed or removed:
        log.info("records sealed rows=%d files_removed=%d", sealed, removed)


@asynccontextmanager
async def _serving(api: Callable[..., object], listen: Listen) -> AsyncIterator[None]:
    """The web server, up inside the block. Raises `UserError` when the port is taken."""
    bound = _bind(listen)
    server = uvicorn.Server(
        uvicorn.Config(api, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=STOP_S)
    )
    # `until_released` sets its signal handlers after the server's own, so it decides when this process stops.
    serving = asyncio.create_task(server.serve(sockets=[bound]), name="web")
    try:
        while not server.started:
            if serving.done():
                raise SystemFault(f"the web server did not start on {listen}")
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await serving


def _bind(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listen.host, listen.port))
    except OSError as error:
        bound.close()
        raise UserError(
            f"the web server cannot listen on {listen}: {error.strerror or error}",
            "stop what uses the port, or give --listen HOST:PORT",
        ) from None
    return bound
