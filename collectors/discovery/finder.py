"""Does a search: sweeps a prefix or crawls from device to device, and reports what it heard as it goes."""

import asyncio
import ipaddress
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from collectors.discovery.look import Looker, LookSettings, Met
from collectors.discovery.management import Neighbour
from collectors.discovery.pace import Pace
from collectors.snmp.credentials import SecretResolver
from collectors.snmp.profiles.catalogue import Catalogue
from wardwatch.discovery.allowed import Allowed, Network, hosts
from wardwatch.discovery.known import Known, canonical
from wardwatch.errors import UserError, WardWatchError
from wardwatch.model.discovery import DEFAULT_SNMP_PORT, Heard, Search, SearchState, Way
from wardwatch.model.inventory import Credential, Device, Inventory
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

Report = Callable[[Search, Sequence[Heard]], Awaitable[Search]]
"""Takes how far a search is and what it heard since the last report; answers the search with its counts."""


@dataclass(frozen=True, slots=True)
class FinderSettings:
    """`per_second` first questions a second in all, `in_flight` addresses at once; a crawl asks `most` devices. What
    was heard is reported after `gather_s` or `batch` devices."""

    per_second: float = 100.0
    in_flight: int = 128
    most: int = 1000
    batch: int = 100
    gather_s: float = 5.0
    look: LookSettings = field(default_factory=LookSettings)


@dataclass(frozen=True, slots=True)
class _Place:
    """An address to ask in a crawl: how far it is from the start, who named it, and as what."""

    address: str
    port: int
    depth: int
    seen_by: str | None = None
    name: str = ""


class Finder:
    """Does searches, one at a time."""

    def __init__(self, settings: FinderSettings, catalogue: Catalogue, resolve: SecretResolver, clock: Clock) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._resolve = resolve
        self._clock = clock

    async def run(self, search: Search, inventory: Inventory, report: Report) -> Search:
        """Does a search to its end; what may not be asked, or no credential, ends it as failed with the reason.
        Raises what `report` raises."""
        pace = Pace(self._settings.per_second)
        looker = Looker(self._settings.look, self._catalogue, self._resolve, pace, self._clock)
        running = _Running(
            replace(search, state=SearchState.RUNNING), inventory, looker, self._settings, report, self._clock
        )
        try:
            await (running.sweep() if search.way is Way.SWEEP else running.crawl())
        except UserError as error:
            return await running.end(SearchState.FAILED, str(error))
        troubles = [f"{what}: {why}" for what, why in looker.troubles.items()]
        more = f" (and {len(troubles) - 3} more)" if len(troubles) > 3 else ""
        return await running.end(SearchState.DONE, "; ".join(troubles[:3]) + more)


class _Running:
    """One search under way."""

    def __init__(
        self,
        search: Search,
        inventory: Inventory,
        looker: Looker,
        settings: FinderSettings,
        report: Report,
        clock: Clock,
    ) -> None:
        # A search that is done again after its collector died counts from the start.
        self._search = replace(search, asked=0, answered=0, known=0, found=0, passed_over=0)
        self._inventory = inventory
        self._allowed = Allowed(inventory)
        self._known = Known(inventory, ())
        self._looker = looker
        self._settings = settings
        self._report = report
        self._clock = clock
        self._heard: list[Heard] = []
        self._reporting = asyncio.Lock()
        self._reported_at = asyncio.get_running_loop().time()
        self._places = asyncio.Semaphore(settings.in_flight)
        self._devices = {(canonical(device.address), device.snmp_port): device for device in inventory.devices.values()}

    async def sweep(self) -> None:
        network = self._allowed.prefix(self._search.target)
        inside = [device for device in self._inventory.devices.values() if _is_in(device, network)]
        port = self._search.port or _usual_port(inside)
        credentials = ordered(self._inventory, inside)
        async with asyncio.TaskGroup() as group:
            for address in hosts(network):
                await self._places.acquire()
                place = _Place(str(address), port, 0)
                task = group.create_task(self._ask(place, credentials))
                task.add_done_callback(lambda _: self._places.release())

    async def crawl(self) -> None:
        start = self._inventory.devices.get(self._search.target)
        if start is None:
            raise UserError(f"there is no device '{self._search.target}' any more")
        if not self._allowed.holds(start.address):
            raise UserError(
                f"{start.address} of '{start.id}' lies outside the networks of the inventory: it is not asked",
                "give a unit or zone its network first",
            )
        credentials = ordered(self._inventory, list(self._inventory.devices.values()))
        port = self._search.port or start.snmp_port
        waiting = deque([_Place(canonical(start.address), start.snmp_port, 0)])
        seen, left = {waiting[0].address}, self._settings.most
        while waiting:
            level = [waiting.popleft() for _ in range(min(len(waiting), left))]
            self._pass_over(len(waiting) if not level else 0)
            if not level:
                return
            left -= len(level)
            async with asyncio.TaskGroup() as group:
                asked = [(place, group.create_task(self._visit(place, credentials))) for place in level]
            for place, task in asked:
                met = task.result()
                if met is not None:
                    waiting += self._next(place, met, port, seen)

    async def end(self, state: SearchState, note: str) -> Search:
        """The last report."""
        async with self._reporting:
            self._search = replace(self._search, state=state, note=note)
            self._search = await self._report(self._search, self._heard)
            self._heard = []
        log.info(
            "search ended way=%s target=%s state=%s asked=%d answered=%d found=%d",
            self._search.way,
            self._search.target,
            state,
            self._search.asked,
            self._search.answered,
            self._search.found,
        )
        return self._search

    async def _visit(self, place: _Place, credentials: Sequence[Credential]) -> Met | None:
        async with self._places:
            return await self._ask(place, credentials, around=True)

    async def _ask(self, place: _Place, credentials: Sequence[Credential], around: bool = False) -> Met | None:
        """Asks one address; who is there goes into the next report."""
        search, device = self._search, self._devices.get((place.address, place.port))
        known = self._inventory.credentials.get(device.credential or "") if device is not None else None
        order = [known, *(each for each in credentials if each is not known)] if known is not None else credentials
        met = await self._look(place, order, around)
        self._search = replace(
            self._search, asked=self._search.asked + 1, answered=self._search.answered + (met is not None)
        )
        if met is not None:
            met = replace(met, heard=replace(met.heard, seen_by=place.seen_by))
            self._heard.append(met.heard)
        elif place.name and device is None:
            # It is there, its neighbour says so; only nobody may ask it yet.
            told = Heard(
                place.address,
                self._clock(),
                search.way,
                search.target,
                place.port,
                name=place.name,
                seen_by=place.seen_by,
            )
            self._heard.append(told)
        await self._tell()
        return met

    async def _look(self, place: _Place, order: Sequence[Credential], around: bool) -> Met | None:
        try:
            return await self._looker.look(
                place.address, place.port, order, self._search.way, self._search.target, around
            )
        except Exception as error:
            # The last guard: an agent that makes us stumble must not end the search of all others.
            log.exception("look stumbled address=%s", place.address)
            self._looker.troubles[place.address] = f"what it sent could not be understood: {error!r}"
            return None

    def _next(self, place: _Place, met: Met, port: int, seen: set[str]) -> Iterable[_Place]:
        """Whom to ask next: each neighbour's first allowed address, once."""
        device = self._devices.get((place.address, place.port))
        by = device.id if device is not None else place.seen_by
        for neighbour in met.neighbours:
            found = self._where(neighbour, port)
            if found is None or place.depth >= self._search.depth:
                if found is None or found[0] not in seen:
                    self._pass_over(1)
                continue
            address, at_port = found
            if address not in seen:
                seen.add(address)
                yield _Place(address, at_port, place.depth + 1, by, neighbour.name)

    def _where(self, neighbour: Neighbour, port: int) -> tuple[str, int] | None:
        """A device of the inventory is asked where that says; another one at an address that is allowed."""
        named = self._known.named(neighbour.name)
        known = named or next((each for address in neighbour.addresses if (each := self._known.at(address))), None)
        if known is not None:
            device = self._inventory.devices[known]
            return (canonical(device.address), device.snmp_port) if self._allowed.holds(device.address) else None
        return next(((address, port) for address in neighbour.addresses if self._allowed.holds(address)), None)

    def _pass_over(self, count: int) -> None:
        self._search = replace(self._search, passed_over=self._search.passed_over + count)

    async def _tell(self) -> None:
        late = asyncio.get_running_loop().time() - self._reported_at >= self._settings.gather_s
        if self._reporting.locked() or not (late or len(self._heard) >= self._settings.batch):
            return
        async with self._reporting:
            heard, self._heard = self._heard, []
            try:
                noted = await self._report(self._search, heard)
            except WardWatchError as error:
                # The last report tells it again; a search has a few thousand devices at most.
                log.warning("search not reported yet heard=%d reason=%s", len(heard), error)
                self._heard = heard + self._heard
            else:
                # Others went on counting meanwhile: only what the core counts is taken over.
                passed_over = max(self._search.passed_over, noted.passed_over)
                self._search = replace(self._search, known=noted.known, found=noted.found, passed_over=passed_over)
            self._reported_at = asyncio.get_running_loop().time()


def ordered(inventory: Inventory, near: Sequence[Device]) -> list[Credential]:
    """The credentials for SNMP in the order they are tried: SNMPv3 first, since a community is told to whoever is
    asked; among equals those that most devices nearby use."""
    used = Counter(device.credential for device in near)
    known = [each for each in inventory.credentials.values() if each.kind.startswith("snmp")]
    if not known:
        raise UserError("the inventory has no credential for SNMP", "add one of kind snmp-v3 or snmp-v2c")
    return sorted(known, key=lambda each: (each.kind != "snmp-v3", -used[each.id], each.id))


def _is_in(device: Device, network: Network) -> bool:
    address = ipaddress.ip_address(device.address)
    return address.version == network.version and address in network


def _usual_port(devices: Iterable[Device]) -> int:
    ports = Counter(device.snmp_port for device in devices)
    return min(ports, key=lambda port: (-ports[port], port)) if ports else DEFAULT_SNMP_PORT
