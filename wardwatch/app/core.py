"""The core: stores, detection, API and live stream."""

import asyncio
import gc
import logging
import sys
from contextlib import AsyncExitStack
from datetime import timedelta

from prometheus_client import CollectorRegistry

from api.app import create_app
from api.drill_results import FolderDrillResults
from api.edge_door import EdgeDoor
from api.settings import ApiSettings
from api.stream import LiveHub
from dashboards.serve import mount_dashboard
from detectors.consumer import DetectionConsumer, DetectionSettings
from detectors.sigma.stream import LOOKED_EVERY as SIGMA_EVERY
from playbooks.unsettled import UnsettledWatch
from wardwatch.app import AppSettings
from wardwatch.app.backups import backed_up
from wardwatch.app.notify import notifier_of, notify
from wardwatch.app.rule_management import ROLLOUT_EVERY, advance, rule_keeper
from wardwatch.app.sigma import look, sigma_rules
from wardwatch.app.web import serving
from wardwatch.backup import Backups
from wardwatch.discovery.service import Discovery
from wardwatch.edges import EdgeRegister
from wardwatch.errors import StoreFault
from wardwatch.health import Board
from wardwatch.installation import read_installation
from wardwatch.intake import Intake
from wardwatch.ledger_watch import EVERY as LEDGER_EVERY
from wardwatch.ledger_watch import LedgerWatch
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.notify.service import LOOKED_EVERY as NOTIFY_EVERY
from wardwatch.ports import RecordStore
from wardwatch.scheduling import Scheduler
from wardwatch.services.watch import CareWatch
from wardwatch.shipping import Receiver
from wardwatch.shipping.answers import Desk
from wardwatch.shipping.remote import RemoteAnswers
from wardwatch.shipping.rules import RuleShelf
from wardwatch.supervision import until_released
from wardwatch.topology.keeper import REPORTED_EVERY, TopologyKeeper

log = logging.getLogger(__name__)

# Each run makes a file where a sensor's clock is wrong or an edge catches up: oftener means more small files.
SEAL_EVERY = timedelta(hours=1)
SILENCE_EVERY = timedelta(seconds=15)
CARE_EVERY = timedelta(minutes=1)
PARTS_EVERY = timedelta(seconds=5)

SWITCH_S = 0.001
"""A page's answer takes the interpreter's lock a dozen times: with Python's own 5 ms each of them may cost that much
while a batch is being stored."""


async def run_core(settings: AppSettings) -> None:
    """Stores, detection, API and live stream, until released. The only process that opens the stores."""
    sys.setswitchinterval(SWITCH_S)
    registry = CollectorRegistry()
    installation = read_installation(settings.data)
    state = installation.open_state(utc_now)
    try:
        records = installation.open_records(utc_now, state.shipping)
    except BaseException:
        state.close()
        raise
    try:
        hub = LiveHub(utc_now, registry)
        inventory = state.inventory.read(Scope.everything())
        keeper = TopologyKeeper(state, lambda directory: consumer.reload(directory), utc_now)

        def moved(new: Inventory) -> None:
            consumer.reload(keeper.directory(new))

        detection = DetectionSettings(interval_s=settings.interval_s)
        rules = sigma_rules(settings.data, records, utc_now)
        rules.load()
        consumer = DetectionConsumer(state, keeper.directory(inventory), detection, utc_now, hub.publish, rules)
        intake = Intake(records, state, consumer, hub.publish, utc_now, moved, keeper.learn)
        backups = Backups(installation, state, records, intake.paused, utc_now)
        discovery = Discovery(state, intake.paused, moved, utc_now)
        edges = EdgeRegister(state.edges, state.inventory, utc_now)
        board = Board(utc_now, edges, lambda parts: hub.publish("parts", {"parts": [part.part for part in parts]}))
        shelf = RuleShelf(settings.data.rules)
        sensor_rules = rule_keeper(settings.data, state.audit.record, utc_now)
        desk = Desk(
            edges,
            shelf,
            board.take,
            utc_now,
            records,
            lambda target: backed_up(backups, target),
            discovery,
            lambda query: records.events(Scope.everything(), query),
        )
        care = CareWatch(state, intake.accept, utc_now)
        unsettled = UnsettledWatch(
            settings.data.root / "playbooks" / "runs",
            lambda: state.inventory.read(Scope.everything()),
            intake.accept,
            utc_now,
        )
        watch = LedgerWatch(records, utc_now, board.take)
        notifier = notifier_of(settings.data, state, utc_now)
        api = create_app(
            ApiSettings(poll_interval_s=settings.interval_s),
            state,
            records,
            hub,
            utc_now,
            registry,
            FolderDrillResults(settings.data.drills),
            lambda: intake.dropped,
            parts=board.parts,
            discovery=discovery,
            sigma=lambda: rules.ruleset,
            notifier=notifier,
            rules=sensor_rules,
            edge_door=EdgeDoor(RemoteAnswers(intake, desk), edges, state.audit, utc_now, registry),
        )
        mount_dashboard(api)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, intake.close)
            await stack.enter_async_context(Receiver(settings.data.socket, intake, desk))
            scheduler = await stack.enter_async_context(Scheduler())
            scheduler.every("seal", SEAL_EVERY, lambda: _keep_house(records))
            scheduler.every("parts", PARTS_EVERY, lambda: asyncio.to_thread(board.sweep))
            scheduler.every("ledger", LEDGER_EVERY, lambda: asyncio.to_thread(watch.look))
            scheduler.every("topology", REPORTED_EVERY, lambda: asyncio.to_thread(_renew, keeper, board))
            scheduler.every("sigma", SIGMA_EVERY, lambda: asyncio.to_thread(look, rules, board))
            scheduler.every("rules", ROLLOUT_EVERY, lambda: asyncio.to_thread(advance, sensor_rules, shelf, board))
            scheduler.every("notify", NOTIFY_EVERY, lambda: asyncio.to_thread(notify, notifier, board))
            scheduler.every("care", CARE_EVERY, lambda: asyncio.to_thread(care.look))
            scheduler.every("unsettled", CARE_EVERY, lambda: asyncio.to_thread(unsettled.look))
            scheduler.every("silence", SILENCE_EVERY, lambda: asyncio.to_thread(consumer.silence))
            await stack.enter_async_context(serving(api, settings.listen, installation.tls))
            # What is here now stays: each full collection would look at all of it, and everybody waits for that.
            gc.freeze()
            await until_released()
            hub.close()
    finally:
        records.close()
        state.close()


def _renew(keeper: TopologyKeeper, board: Board) -> None:
    keeper.renew()
    board.take([keeper.health()])


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
