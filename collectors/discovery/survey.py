"""Reads who is where: the tables of MAC and IP addresses of every network device, every few minutes.

Beside the polling, with few devices at once: these tables are long, and a minute late is early enough. Only what
differs from the last time is handed on. Cisco switches tell of one VLAN at a time: under the community `word@VLAN`, or
in the SNMPv3 context `vlan-N`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gufo.snmp import ValueType

from collectors.discovery import bridging
from collectors.discovery.contexts import ContextWalker
from collectors.snmp.credentials import Keyring, Login, SecretResolver
from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import IF_TABLE, Column
from collectors.snmp.session import BadReply, Endpoint, Session, SessionSettings
from collectors.snmp.walk import Manners, walk
from collectors.traps.v3_users import V3User
from wardwatch.errors import SystemFault, WardWatchError
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory
from wardwatch.model.records import DeviceFacts, Outcome
from wardwatch.model.time import Clock
from wardwatch.scheduling import Scheduler

log = logging.getLogger(__name__)

SURVEYED = frozenset(DeviceRole) - {DeviceRole.SERVER, DeviceRole.STORAGE, DeviceRole.UPS, DeviceRole.SENSOR}
_BEARABLE = frozenset({Outcome.LOOP, Outcome.MALFORMED, Outcome.TOO_LARGE})
Table = Mapping[str, ValueType]

FactsSink = Callable[[Sequence[DeviceFacts]], Awaitable[None]]
"""Takes facts; when it returns, they are safe. Raises a `WardWatchError` when it could not."""


@dataclass(frozen=True, slots=True)
class SurveySettings:
    """`interval` of each device; `in_flight` devices at once; rows of a table and VLANs of a switch at most."""

    interval: timedelta = timedelta(minutes=10)
    in_flight: int = 8
    most_rows: int = 20_000
    most_vlans: int = 128
    session: SessionSettings = field(
        default_factory=lambda: SessionSettings(timeout_s=2.0, attempts=2, deadline_s=60.0)
    )


class Surveyor:
    """Surveys the network devices of an inventory: all of them once at the start, then each at its own moment."""

    def __init__(
        self,
        settings: SurveySettings,
        inventory: Inventory,
        zones: frozenset[str] | None,
        resolve: SecretResolver,
        sink: FactsSink,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._zones = zones
        self._resolve = resolve
        self._sink = sink
        self._clock = clock
        self._keyring = Keyring(resolve)
        self._contexts = ContextWalker(resolve)
        self._scheduler = Scheduler()
        self._places = asyncio.Semaphore(settings.in_flight)
        self._targets = self._chosen(inventory)
        self._told: dict[tuple[str, str], int] = {}
        self.surveyed = 0
        self.failed = 0

    async def run(self) -> None:
        """Goes on until cancelled."""
        async with self._scheduler:
            for device in self._targets:
                self._schedule(device)
            await asyncio.gather(*(self.survey(device) for device in list(self._targets)))
            log.info("first survey done devices=%d failed=%d", self.surveyed, self.failed)
            try:
                await asyncio.Event().wait()
            finally:
                self._contexts.close()

    def reload(self, inventory: Inventory) -> None:
        """Takes a changed inventory; secrets are read anew."""
        fresh = self._chosen(inventory)
        self._keyring = Keyring(self._resolve)
        self._contexts.close()
        self._contexts = ContextWalker(self._resolve)
        for device in self._targets.keys() - fresh.keys():
            self._scheduler.remove(device)
        added = fresh.keys() - self._targets.keys()
        self._targets = fresh
        for device in added:
            self._schedule(device)

    async def survey(self, device_id: str) -> None:
        """One device; what it does wrong is counted and logged."""
        found = self._targets.get(device_id)
        if found is None:
            return
        device, credential = found
        async with self._places:
            try:
                news = [fact for fact in await self._facts(device, credential) if self._is_news(fact)]
                if news:
                    await self._sink(news)
            except (AgentFailure, BadReply) as error:
                self.failed += 1
                log.debug("not surveyed device=%s reason=%s", device_id, error)
            except WardWatchError as error:
                self.failed += 1
                log.warning("not surveyed device=%s reason=%s", device_id, error)
            except Exception:
                # The last guard: one agent that makes us stumble must not end the survey of the others.
                self.failed += 1
                log.exception("survey stumbled device=%s", device_id)
            else:
                self.surveyed += 1
                self._told.update({(fact.device, fact.kind): _fingerprint(fact) for fact in news})

    def figures(self) -> dict[str, float]:
        """For the board: devices, and what became of surveys since the start."""
        return {
            "devices": float(len(self._targets)),
            "surveyed": float(self.surveyed),
            "not_surveyed": float(self.failed),
        }

    def _is_news(self, fact: DeviceFacts) -> bool:
        before = self._told.get((fact.device, fact.kind))
        return before != _fingerprint(fact) if before is not None else bool(fact.rows)

    def _chosen(self, inventory: Inventory) -> dict[str, tuple[Device, Credential]]:
        found = {}
        for device in inventory.devices.values():
            credential = inventory.credentials.get(device.credential or "")
            wanted = self._zones is None or device.zone in self._zones
            if device.role in SURVEYED and wanted and credential is not None and credential.kind.startswith("snmp"):
                found[device.id] = (device, credential)
        return found

    def _schedule(self, device: str) -> None:
        self._scheduler.every(device, self._settings.interval, lambda: self.survey(device))

    async def _facts(self, device: Device, credential: Credential) -> list[DeviceFacts]:
        """Both kinds, as far as their tables can be read. Raises `AgentFailure` when the device goes silent."""
        manners, login = Manners(), self._keyring.login(credential)
        async with Session(_endpoint(device), login, self._settings.session) as session:
            names = bridging.port_names(
                await self._table(session, IF_TABLE["ifName"], manners) or {},
                await self._table(session, IF_TABLE["ifDescr"], manners) or {},
            )
            fdb = await self._fdb(session, manners, names)
            vlans = await self._table(session, bridging.VTP_VLAN, manners)
            arp = await self._table(session, bridging.ARP, manners)
            cache = None if arp else await self._table(session, bridging.NEIGHBOUR_CACHE, manners)
        if vlans:
            fdb = await self._by_vlan(device, credential, bridging.vtp_vlans(vlans), names) or fdb
        found = []
        if fdb is not None:
            found.append(self._fact(device, "fdb", fdb))
        if arp is not None:
            found.append(self._fact(device, "arp", bridging.arp_rows(arp, cache or {}, names)))
        return found

    async def _fdb(self, session: Session, manners: Manners, names: Mapping[str, str]) -> list[bridging.Facts] | None:
        base = await self._table(session, bridging.BASE_PORT, manners)
        if base is None:
            return None
        by_vlan = await self._table(session, bridging.VLAN_FDB, manners)
        if by_vlan:
            vlans = await self._table(session, bridging.VLAN_OF, manners)
            return bridging.vlan_fdb_rows(by_vlan, vlans or {}, base, names)
        fdb = await self._table(session, bridging.FDB, manners)
        return None if fdb is None else bridging.fdb_rows(fdb, base, names)

    async def _by_vlan(
        self, device: Device, credential: Credential, vlans: Iterable[int], names: Mapping[str, str]
    ) -> list[bridging.Facts]:
        """What a Cisco switch tells of each VLAN; one that does not answer when asked so tells nothing."""
        rows: list[bridging.Facts] = []
        login, user = self._keyring.login(credential), self._contexts.user(credential)
        for vlan in list(vlans)[: self._settings.most_vlans]:
            try:
                if login.community:
                    base, fdb = await self._by_community(device, Login(community=f"{login.community}@{vlan}"))
                elif user is not None:
                    base, fdb = await self._by_context(device, user, f"vlan-{vlan}")
                else:
                    return rows
            except (AgentFailure, BadReply, SystemFault) as error:
                log.debug("vlan not surveyed device=%s vlan=%d reason=%s", device.id, vlan, error)
                return rows
            rows += bridging.fdb_rows(fdb, base, names, vlan)
        return rows

    async def _by_community(self, device: Device, login: Login) -> tuple[Table, Table]:
        manners = Manners()
        async with Session(_endpoint(device), login, self._settings.session) as session:
            base = await self._table(session, bridging.BASE_PORT, manners)
            return base or {}, await self._table(session, bridging.FDB, manners) or {}

    async def _by_context(self, device: Device, user: V3User, context: str) -> tuple[Table, Table]:
        at, most = _endpoint(device), self._settings.most_rows
        base = await self._contexts.walk(at, user, context, bridging.BASE_PORT, most)
        return base, await self._contexts.walk(at, user, context, bridging.FDB, most)

    async def _table(self, session: Session, column: Column, manners: Manners) -> Table | None:
        """A column by row; None where it cannot be read."""
        try:
            rows = await walk(session, column, manners, self._settings.most_rows, enough=True)
        except AgentFailure as failure:
            if failure.outcome not in _BEARABLE:
                raise
            return None
        return dict(zip(rows.suffixes, rows.values, strict=True))

    def _fact(self, device: Device, kind: str, rows: list[bridging.Facts]) -> DeviceFacts:
        ordered = sorted(
            rows, key=lambda row: (str(row["port"]), str(row["mac"]), str(row.get("ip")), str(row.get("vlan")))
        )
        return DeviceFacts(device.id, kind, self._clock(), tuple(ordered))


def _endpoint(device: Device) -> Endpoint:
    return Endpoint(device.id, device.address, device.snmp_port)


def _fingerprint(fact: DeviceFacts) -> int:
    return hash(tuple(tuple(row.values()) for row in fact.rows))
