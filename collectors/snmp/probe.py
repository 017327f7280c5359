"""One look at one agent, for people at a terminal: who it is, its ports, and what its vendor's profile finds."""

import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any

from collectors.snmp.credentials import Keyring
from collectors.snmp.failures import AgentFailure
from collectors.snmp.poll import DeviceReading, Poller, PollSettings, Target
from collectors.snmp.profiles.catalogue import GATHERED, load_catalogue
from collectors.snmp.profiles.reading import Reading, read
from collectors.snmp.session import BadReply, Endpoint, Session
from collectors.snmp.walk import Manners
from wardwatch.errors import UserError
from wardwatch.model.inventory import Credential
from wardwatch.model.records import DeviceFacts, Outcome
from wardwatch.model.time import Clock

DEFAULT_PORT = 161
_NOTHING: dict[str, Any] = {kind: () for kind in GATHERED if kind != "tables"}


@dataclass(frozen=True, slots=True)
class Probed:
    """What an agent told: facts rows as the collector keeps them, and how the look ended."""

    outcome: Outcome
    detail: str
    varbinds: int
    duration_ms: float
    system: dict[str, Any] = field(default_factory=dict)
    interfaces: tuple[dict[str, Any], ...] = ()
    profile: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The published shape: `system`, `interfaces` and a list a kind of fact; what is unknown is absent."""
        return {
            "system": _known(self.system | self.found.get("system", {})),
            "interfaces": [_known(row) for row in self.interfaces],
            **{
                kind: [_known(row) for row in rows]
                for kind, rows in (_NOTHING | self.found).items()
                if kind != "system"
            },
            "profile": self.profile,
            "poll": {
                "outcome": self.outcome.value,
                "detail": self.detail,
                "varbinds": self.varbinds,
                "duration_ms": round(self.duration_ms, 1),
            },
        }


async def probe(address: str, port: int, credential: Credential, settings: PollSettings, clock: Clock) -> Probed:
    """Asks the agent at a numeric address; the secrets stand in `credential` itself.

    Raises `AgentFailure` when nothing could be read, `UserError` for a credential that cannot work.
    """
    poller = Poller(settings, _as_given, clock)
    poller.check(credential)
    endpoint = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    reading = await poller.poll_device(Target(endpoint, "", "", address, port, credential), None)
    outcome = reading.outcome
    if not reading.facts and outcome.outcome is not Outcome.OK:
        raise AgentFailure(outcome.outcome, outcome.detail, explained=True)
    learned, failure = await _profile(Endpoint(endpoint, address, port), credential, settings)
    worst = outcome.outcome if failure is None or outcome.outcome is not Outcome.OK else failure.outcome
    return Probed(
        worst,
        outcome.detail or (str(failure) if failure else ""),
        outcome.varbinds,
        outcome.duration_ms,
        next(iter(_rows(reading, "system")), {}),
        tuple(_with_alias(row) for row in _rows(reading, "interfaces")),
        learned.profile,
        learned.found,
    )


async def _profile(to: Endpoint, credential: Credential, settings: PollSettings) -> tuple[Reading, AgentFailure | None]:
    """What the vendor's profile finds, and the first thing that went wrong: the ports stand without it."""
    try:
        async with Session(to, Keyring(_as_given).login(credential), settings.session) as session:
            reading = await read(session, load_catalogue(), Manners())
    except AgentFailure as failure:
        return Reading(), failure
    except BadReply as bad:
        what = f"{to} answers its profile's questions with what is no SNMP reply ({bad.reason})"
        return Reading(), AgentFailure(Outcome.MALFORMED, what)
    return reading, next(iter(reading.failures), None)


def parse_address(text: str) -> tuple[str, int]:
    """`HOST`, `HOST:PORT`, `[IPv6]:PORT` as host and port. Raises `UserError`."""
    host, _, port = text.rpartition(":") if _has_port(text) else (text, "", str(DEFAULT_PORT))
    host = host.removeprefix("[").removesuffix("]")
    if not host:
        raise UserError(f"'{text}' names no host", "write ADDRESS:PORT, for example 192.0.2.10:161")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(f"'{port}' in '{text}' is no port", "a port is a number from 1 to 65535")
    return host, int(port)


def resolve_host(host: str) -> str:
    """The numeric address of a host; the SNMP client takes no names. Raises `UserError`."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise UserError(f"there is no host '{host}': {error}", "check the spelling, or give its address") from None
    return str(found[0][4][0])


def _has_port(text: str) -> bool:
    """An IPv6 address without brackets is all host."""
    return text.startswith("[") and "]:" in text if text.startswith("[") or text.count(":") > 1 else ":" in text


def _rows(reading: DeviceReading, kind: str) -> tuple[dict[str, Any], ...]:
    matching: list[DeviceFacts] = [facts for facts in reading.facts if facts.kind == kind]
    return matching[0].rows if matching else ()


def _with_alias(row: dict[str, Any]) -> dict[str, Any]:
    """A port that nobody described is described by what the agent calls it at length."""
    return row | {"alias": row["alias"] or row["descr"]}


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in (None, "")}


def _as_given(secret: str) -> str:
    return secret
