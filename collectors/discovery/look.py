"""A look at one address: which credential works there, and who answers."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gufo.snmp import ValueType

from collectors.discovery.management import Neighbour, neighbours
from collectors.discovery.pace import Pace
from collectors.snmp.credentials import Keyring, SecretResolver
from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import IF_TABLE, SYSTEM, Column, Kind
from collectors.snmp.profiles.catalogue import GATHERED, Catalogue
from collectors.snmp.profiles.reading import read
from collectors.snmp.session import BadReply, Endpoint, Session, SessionSettings
from collectors.snmp.tables import text
from collectors.snmp.walk import Manners, walk
from wardwatch.discovery.known import plain_mac
from wardwatch.errors import UserError
from wardwatch.model.discovery import Heard, Way
from wardwatch.model.inventory import Credential
from wardwatch.model.records import Outcome
from wardwatch.model.time import Clock

MOST_PORTS = 4096
MOST_OWN_ADDRESSES = 256
OWN_ADDRESSES = Column("ipAdEntAddr", "1.3.6.1.2.1.4.20.1.1", Kind.OCTETS)
_KNOCKED = ("sysDescr", "sysObjectID", "sysName")
_NO_MAKERS = frozenset({"", "Any", "Linux"})
"""First words of profile titles that name no maker."""


@dataclass(frozen=True, slots=True)
class LookSettings:
    """`knock` for a first question (one packet a credential), `session` for the rest of who answered."""

    knock: SessionSettings = field(default_factory=lambda: SessionSettings(timeout_s=1.0, attempts=1, deadline_s=5.0))
    session: SessionSettings = field(
        default_factory=lambda: SessionSettings(timeout_s=2.0, attempts=2, deadline_s=30.0)
    )


@dataclass(frozen=True, slots=True)
class Met:
    """Who answered, and whom it is plugged into (asked for in a crawl only)."""

    heard: Heard
    neighbours: tuple[Neighbour, ...] = ()


class Looker:
    """Looks at addresses. Secrets are resolved once; a credential that cannot work is left out and told of in
    `troubles`."""

    def __init__(
        self, settings: LookSettings, catalogue: Catalogue, resolve: SecretResolver, pace: Pace, clock: Clock
    ) -> None:
        self._settings = settings
        self._catalogue = who_only(catalogue)
        self._keyring = Keyring(resolve)
        self._pace = pace
        self._clock = clock
        self.troubles: dict[str, str] = {}

    async def look(
        self, address: str, port: int, credentials: Sequence[Credential], way: Way, source: str, around: bool = False
    ) -> Met | None:
        """Who answers at a numeric address to the first credential that works; None for nobody."""
        for credential in self._usable(credentials):
            await self._pace.turn()
            try:
                answer = await self._knock(address, port, credential)
            except AgentFailure as failure:
                if failure.outcome is Outcome.REFUSED:
                    return None
                continue
            except BadReply:
                continue
            if answer:
                heard = _heard(answer, address, port, credential, way, source, self._clock)
                return await self._meet(heard, credential, around)
        return None

    def _usable(self, credentials: Sequence[Credential]) -> list[Credential]:
        usable = []
        for credential in credentials:
            try:
                self._keyring.login(credential)
            except UserError as error:
                self.troubles[credential.id] = str(error)
            else:
                usable.append(credential)
        return usable

    async def _knock(self, address: str, port: int, credential: Credential) -> dict[str, ValueType]:
        endpoint = Endpoint(address, address, port)
        async with Session(endpoint, self._keyring.login(credential), self._settings.knock) as session:
            return await session.get([SYSTEM[name].oid for name in _KNOCKED])

    async def _meet(self, heard: Heard, credential: Credential, around: bool) -> Met:
        """Fills in what the agent tells; one that stops in the middle was met all the same."""
        learned: dict[str, object] = {}
        near: list[Neighbour] = []
        endpoint, manners = Endpoint(heard.address, heard.address, heard.port), Manners()
        try:
            async with Session(endpoint, self._keyring.login(credential), self._settings.session) as session:
                if around:
                    near = await neighbours(session, manners)
                learned |= await self._identity(session, manners)
                learned |= await _interfaces(session, manners, heard.address)
        except (AgentFailure, BadReply) as error:
            self.troubles[heard.address] = str(error)
        return Met(_filled(heard, learned), tuple(near))

    async def _identity(self, session: Session, manners: Manners) -> dict[str, object]:
        reading = await read(session, self._catalogue, manners)
        system = reading.found.get("system", {})
        profile = self._catalogue.profiles.get(reading.profile)
        maker = (profile.title if profile else "").partition(" ")[0]
        return {
            "family": reading.profile,
            "vendor": "" if maker in _NO_MAKERS else maker,
            "model": str(system.get("hardware") or ""),
            "serial": str(system.get("serial") or ""),
        }


def who_only(catalogue: Catalogue) -> Catalogue:
    """The catalogue, asking for nothing but who a device is."""
    nothing: dict[str, tuple[()]] = dict.fromkeys(GATHERED, ())
    return Catalogue({name: profile.model_copy(update=nothing) for name, profile in catalogue.profiles.items()})


async def _interfaces(session: Session, manners: Manners, asked: str) -> dict[str, object]:
    """Its first MAC address, how many ports have one, and its own addresses beside the one that was asked."""
    macs = await walk(session, IF_TABLE["ifPhysAddress"], manners, MOST_PORTS, enough=True)
    plain = [mac for value in macs.values if isinstance(value, bytes) and (mac := plain_mac(value.hex()))]
    own = await walk(session, OWN_ADDRESSES, manners, MOST_OWN_ADDRESSES, enough=True)
    addresses = [address for suffix in own.suffixes if (address := _own(suffix)) and address != asked]
    return {"chassis": plain[0] if plain else "", "ports": len(plain), "addresses": tuple(addresses)}


def _own(suffix: str) -> str | None:
    try:
        address = ipaddress.ip_address(suffix)
    except ValueError:
        return None
    return None if address.is_loopback or address.is_unspecified or address.is_link_local else str(address)


def _heard(
    answer: dict[str, ValueType], address: str, port: int, credential: Credential, way: Way, source: str, clock: Clock
) -> Heard:
    told = {name: text(answer.get(SYSTEM[name].oid)) for name in _KNOCKED}
    return Heard(
        address,
        clock(),
        way,
        source,
        port,
        credential.id,
        told["sysName"],
        told["sysObjectID"].lstrip("."),
        told["sysDescr"],
    )


def _filled(heard: Heard, learned: dict[str, object]) -> Heard:
    return replace(heard, **learned)  # type: ignore[arg-type]  # the keys are those of Heard
