"""The application: routes, what they work with, and what stands round them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext

from argon2 import PasswordHasher
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.gzip import GZipMiddleware

from api import problems
from api.accounts import Accounts
from api.cities import Cities, Moment
from api.dependencies import Services
from api.drill_results import DrillResults
from api.edge_door import EdgeDoor
from api.failing import FailingServices
from api.guard import Guard
from api.head import HeadAsGet
from api.idempotency import IdempotentWrites
from api.ledger_metrics import LedgerMetrics
from api.part_metrics import PartMetrics
from api.routing import PREFIX, bare_application
from api.settings import ApiSettings
from api.store_metrics import StoreMetrics
from api.stream import LiveHub
from detectors.rules.catalogue import RuleCatalogue
from detectors.rules.keeper import RuleKeeper
from detectors.sigma.ruleset import Ruleset
from wardwatch.discovery.service import Discovery
from wardwatch.model.health import PartHealth
from wardwatch.model.time import Clock
from wardwatch.notify.service import Notifier
from wardwatch.ports import RecordReader, StateStore
from wardwatch.shipping.https import MESSAGES_PATH

BOUNDS_ITSELF = frozenset({MESSAGES_PATH, f"{PREFIX}/rules/archives"})


def create_app(
    settings: ApiSettings,
    state: StateStore,
    records: RecordReader,
    hub: LiveHub,
    clock: Clock,
    registry: CollectorRegistry,
    drill_results: DrillResults,
    drops: Callable[[], Mapping[str, int]] = dict,
    hasher: PasswordHasher | None = None,
    edge_door: EdgeDoor | None = None,
    parts: Callable[[], Sequence[PartHealth]] = tuple,
    discovery: Discovery | None = None,
    sigma: Callable[[], Ruleset] = Ruleset,
    notifier: Notifier | None = None,
    rules: RuleKeeper | None = None,
) -> FastAPI:
    """The whole API over these stores. `drops` says what bounded queues lost since the start, by kind; `edge_door` lets
    remote edges in; `parts` says how the installation's own parts are; `discovery` tells the rest of the core of
    devices that were accepted (None: there is no rest); `sigma` has the rules in force;
    `notifier` tells people of incidents (None: nobody is told); `rules` keeps Suricata's (None: nobody does)."""
    registry.register(PartMetrics(parts))
    registry.register(LedgerMetrics(records, clock))
    registry.register(StoreMetrics(records))
    app = bare_application()
    app.state.services = Services(
        settings=settings,
        state=state,
        records=records,
        hub=hub,
        clock=clock,
        registry=registry,
        drill_results=drill_results,
        drops=lambda: {**drops(), "live": hub.dropped},
        accounts=Accounts(settings, state, clock, registry, hasher=hasher),
        cities=Cities(state, settings.wall_ttl_s, settings.wall_grace_s, FailingServices(records, settings, clock)),
        writes=IdempotentWrites(),
        walls=Moment(settings.wall_ttl_s, grace_s=settings.wall_grace_s),
        trends=Moment(settings.trends_ttl_s, grace_s=settings.trends_grace_s),
        noted=Moment(settings.attention_ttl_s),
        parts=parts,
        sigma=sigma,
        notifier=notifier,
        rules=rules,
        rules_seen=Moment(settings.trends_ttl_s, grace_s=settings.trends_grace_s),
        catalogue=RuleCatalogue(),
        months=Moment(settings.months_ttl_s, grace_s=settings.months_ttl_s),
        maps=Moment(settings.map_ttl_s, grace_s=settings.map_ttl_s),
        discovery=discovery or Discovery(state, nullcontext, lambda inventory: None, clock),
    )
    if edge_door is not None:
        app.add_route(MESSAGES_PATH, edge_door.__call__, methods=["POST"], include_in_schema=False)
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Guard, registry=registry, max_body_bytes=settings.max_body_bytes, bounds_itself=BOUNDS_ITSELF)
    return app
