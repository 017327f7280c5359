"""Keeps the topology up to date: takes the facts of each batch, and works it out again when they say something new."""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain

from wardwatch.discovery.known import Known
from wardwatch.errors import StoreFault
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Actor, Scope
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.inventory import Inventory, Link
from wardwatch.model.records import DeviceFacts
from wardwatch.model.status import Status
from wardwatch.model.text import Words
from wardwatch.model.time import Clock
from wardwatch.model.topology import Found
from wardwatch.ports import StateStore
from wardwatch.topology.building import Ages, build, counting
from wardwatch.topology.digests import KINDS, Digest, learned
from wardwatch.topology.hosts import addresses, sightings, trunks

log = logging.getLogger(__name__)

REPORTED_EVERY = timedelta(seconds=15)
_ACTOR = Actor.system("topology")
_EVERYTHING = Scope.everything()
_ANSWERING = frozenset({Status.OK, Status.DEGRADED})


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """`pause` between two workings, `grain` of the instants that are kept (so that what is only confirmed is not
    written each time) and at once how often it is worked out without news. Who was on a port is confirmed each
    `confirm_every`, kept for `hosts_for`, and so many rows at most."""

    pause: timedelta = timedelta(seconds=30)
    grain: timedelta = timedelta(minutes=10)
    confirm_every: timedelta = timedelta(hours=1)
    hosts_for: timedelta = timedelta(days=90)
    most_hosts: int = 500_000
    ages: Ages = field(default_factory=Ages)


class TopologyKeeper:
    """Thread-safe. `changed` is told when other discovered links count than before."""

    def __init__(
        self,
        state: StateStore,
        changed: Callable[[Directory], None],
        clock: Clock,
        settings: KeeperSettings | None = None,
    ) -> None:
        self._state = state
        self._changed = changed
        self._clock = clock
        self._settings = settings or KeeperSettings()
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._news: dict[tuple[str, str], DeviceFacts] = {}
        self._digests: dict[str, Digest] | None = None
        self._systems: dict[str, DeviceFacts] = {}
        self._inventory: tuple[int, Inventory] | None = None
        self._worked_at: datetime | None = None
        self._hosts_at: dict[str, datetime] = {}
        self._forgot_at: datetime | None = None
        self._began = clock()
        self._away: tuple[datetime, str] | None = None
        self._found = Found()
        self.counting: tuple[Link, ...] = ()

    def directory(self, inventory: Inventory) -> Directory:
        """An inventory with the discovered links that count in it, as they were worked out last (before the first
        time: as they are kept)."""
        if self._digests is None:
            self.counting = counting(inventory, self._state.topology.read(_EVERYTHING))
        known = inventory.devices.keys()
        return Directory(inventory, (link for link in self.counting if {link.upstream, link.downstream} <= known))

    def learn(self, facts: Iterable[DeviceFacts]) -> None:
        """Takes facts that are durable. Quick: they are looked at when the topology is next worked out."""
        told = [fact for fact in facts if fact.kind in KINDS or fact.kind == "system"]
        if told:
            with self._lock:
                self._news.update({(fact.device, fact.kind): fact for fact in told})

    def renew(self) -> Found | None:
        """Works the topology out again where there is news, or after a while; None where there was nothing to do. A
        store that is away is logged: the news wait."""
        with self._turn:
            try:
                found = self._renew()
                self._away = None
                return found
            except StoreFault as error:
                log.error("the topology waits for the state store reason=%s", error)
                self._digests = None
                self._away = self._away or (self._clock(), error.message)
                return None

    def health(self) -> PartHealth:
        """How the topology is, for the board."""
        links, now = self._found.links, self._clock()
        state = PartState.FAILED if self._away is not None else PartState.RUNNING
        since, why = self._away or (self._began, "")
        figures = {
            "links": len(links),
            "discovered_links": sum(link.link is None for link in links),
            "counting_links": len(self.counting),
            "stale_links": sum(link.stale for link in links),
            "link_conflicts": sum(bool(link.conflict) for link in links),
            "redundancy_groups": len(self._found.groups),
        }
        told = {name: float(value) for name, value in figures.items()}
        return PartHealth(
            "core", "topology", now, state, since, 0, Words.same(why), told, REPORTED_EVERY.total_seconds()
        )

    def _renew(self) -> Found | None:
        now, settings = self._clock(), self._settings
        version = self._state.inventory.version()
        moved = self._inventory is None or self._inventory[0] != version
        age = now - self._worked_at if self._worked_at is not None else settings.grain
        if not moved and age < (settings.pause if self._news else settings.grain):
            return None
        fresh, changed = self._take_news()
        if not moved and not changed and age < settings.grain:
            return None
        if self._inventory is None or moved:
            self._inventory = (version, self._state.inventory.read(_EVERYTHING))
        inventory = self._inventory[1]
        self._forget_devices(inventory)
        found = self._build(inventory, self._floor(now))
        self._worked_at, self._found = now, found
        self._tell(inventory, found)
        self._note_hosts(inventory, found, fresh, now)
        return found

    def _take_news(self) -> tuple[set[str], bool]:
        """Moves the news into the digests; the devices that have any of hosts, and whether anything is other than
        before: most facts that come say that a port went up or down. All is read at the first time."""
        with self._lock:
            news, self._news = self._news, {}
        changed = self._digests is None
        if self._digests is None:
            self._digests = {}
            self._learn(self._state.topology.facts(_EVERYTHING, (*KINDS, "system")))
        changed = self._learn(news.values()) or changed
        return {device for device, kind in news if kind in ("fdb", "arp")}, changed

    def _learn(self, facts: Iterable[DeviceFacts]) -> bool:
        """Whether any of them says something new."""
        assert self._digests is not None
        changed = False
        for fact in facts:
            if fact.kind == "system":
                before = self._systems.get(fact.device)
                changed = changed or before is None or before.rows != fact.rows
                self._systems[fact.device] = fact
            else:
                known = self._digests.get(fact.device, Digest())
                self._digests[fact.device] = learned(known, fact)
                changed = changed or self._digests[fact.device] != known
        return changed

    def _forget_devices(self, inventory: Inventory) -> None:
        """What is known of devices goes with them."""
        assert self._digests is not None
        for gone in self._digests.keys() - inventory.devices.keys():
            del self._digests[gone]
        for gone in self._systems.keys() - inventory.devices.keys():
            del self._systems[gone]

    def _build(self, inventory: Inventory, now: datetime) -> Found:
        assert self._digests is not None
        heard = {
            status.device: self._floor(status.checked_at if status.status in _ANSWERING else status.since)
            for status in self._state.devices.statuses(_EVERYTHING)
        }
        before = self._state.topology.read(_EVERYTHING)
        known = Known(inventory, self._systems.values())
        found = build(inventory, self._digests, known, heard, before, now, self._settings.ages)
        if found != before:
            self._state.topology.replace(_ACTOR, found)
        return found

    def _tell(self, inventory: Inventory, found: Found) -> None:
        counted = counting(inventory, found)
        if counted != self.counting:
            log.info("discovered links count links=%d before=%d", len(counted), len(self.counting))
            self.counting = counted
            self._changed(self.directory(inventory))

    def _note_hosts(self, inventory: Inventory, found: Found, fresh: set[str], now: datetime) -> None:
        assert self._digests is not None
        settings, leading_on = self._settings, trunks(inventory, found.links, self._digests)
        due = [
            device
            for device, digest in self._digests.items()
            if digest.fdb
            and device in inventory.devices
            and (
                device in fresh
                or now - self._hosts_at.get(device, now - settings.confirm_every) >= settings.confirm_every
            )
        ]
        if due:
            named = addresses(self._digests)
            # Of a silent device is known whom it saw, not whom it sees.
            answering = {s.device for s in self._state.devices.statuses(_EVERYTHING) if s.status in _ANSWERING}
            due = [device for device in due if device in answering]
            told = (sightings(device, self._digests[device], named, leading_on, now) for device in due)
            self._state.sightings.note(_ACTOR, list(chain.from_iterable(told)))
            self._hosts_at.update(dict.fromkeys(due, now))
        if self._forgot_at is None or now - self._forgot_at >= settings.confirm_every:
            gone = self._state.sightings.forget(_ACTOR, now - settings.hosts_for, settings.most_hosts)
            self._forgot_at = now
            log.info("sightings forgotten rows=%d", gone)

    def _floor(self, at: datetime) -> datetime:
        grain_s = self._settings.grain.total_seconds()
        return datetime.fromtimestamp(at.timestamp() // grain_s * grain_s, UTC)
