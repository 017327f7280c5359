"""What the city has: units, sites, zones, devices, circuits, links, services and credentials by reference."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit: a node of a tree of any depth.

    `code` is the official code, `kind` a level of the operator's own words (city, department, district, ward,
    centre, coordination ...), `tile` its fixed place (column, row) on the wall's map, `networks` its prefixes (CIDR).
    A unit that was merged or abolished keeps its record: `valid_to` is its last day and `successors` took over.
    """

    id: str
    name: str
    kind: str
    code: str
    parent: str | None = None
    short_name: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    tile: tuple[int, int] | None = None
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """A security zone (data centre, WAN, finance network ...): which collector polls it, how protected it is."""

    id: str
    name: str
    kind: str = "lan"
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A place where devices stand."""

    id: str
    name: str
    unit: str
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """How to log in to devices. Secrets are references (`secret://name`), never the words themselves.

    kinds `snmp-v1`, `snmp-v2c`: `community`. kind `snmp-v3`: `user`, `auth_protocol` (md5 sha sha256 ...), `auth_key`,
    `privacy_protocol` (des aes128 aes256, aes256c with Cisco's key ...), `privacy_key`.
    """

    id: str
    kind: str
    community: str | None = None
    user: str | None = None
    auth_protocol: str | None = None
    auth_key: str | None = None
    privacy_protocol: str | None = None
    privacy_key: str | None = None


class DeviceRole(StrEnum):
    """What a device does in the network."""

    CORE_ROUTER = "core-router"
    CORE_SWITCH = "core-switch"
    DISTRIBUTION_SWITCH = "distribution-switch"
    ACCESS_SWITCH = "access-switch"
    ROUTER = "router"
    FIREWALL = "firewall"
    SERVER = "server"
    STORAGE = "storage"
    UPS = "ups"
    WIRELESS = "wireless"
    SENSOR = "sensor"


@dataclass(frozen=True, slots=True)
class Device:
    """A thing that is polled. `address` and `snmp_port` are where SNMP answers; `addresses` are its others
    (as seen in traffic). `ports` is how many physical ports it has; `credential` names a `Credential`;
    `poll_interval_s` is its own where the usual interval does not suit it."""

    id: str
    name: str
    role: DeviceRole
    unit: str
    site: str
    zone: str
    address: str
    snmp_port: int = 161
    credential: str | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    ports: int = 0
    addresses: tuple[str, ...] = ()
    redundancy_group: str | None = None
    poll_interval_s: float | None = None


@dataclass(frozen=True, slots=True)
class Circuit:
    """A (leased) line: who provides it, under which id, whom to call and what availability was agreed (percent)."""

    id: str
    name: str
    provider: str
    provider_reference: str
    contact: str | None = None
    bandwidth_bps: int | None = None
    agreed_availability_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A connection of two device ports, towards the core first: `upstream` is the side nearer the data centre."""

    id: str
    upstream: str
    downstream: str
    upstream_port: str | None = None
    downstream_port: str | None = None
    circuit: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """An information system (`information-system`, level 1-5 cấp độ), a core database (`core-database`) or an online
    public service (`public-service`, level 3-4); `owner` is a unit, `devices` what it stands on, `depends_on` others.
    """

    id: str
    name: str
    kind: str
    owner: str
    code: str | None = None
    level: int | None = None
    devices: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    hostname: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """How a service is tried from outside, every `interval_s`: by `kind` (`CHECK_PORTS`) at `host` and `port` (None:
    the usual one of the kind). What is expected: `status` and `text` of an answer; of DNS `text` among the records of
    `query` of type `record`. `authority` is a file of PEM certificates that are trusted besides the system's."""

    id: str
    service: str
    kind: str
    host: str
    port: int | None = None
    path: str = "/"
    status: int = 200
    text: str | None = None
    query: str | None = None
    record: str = "A"
    starttls: bool = False
    authority: str | None = None
    interval_s: float = 60.0
    timeout_s: float = 10.0
    certificate_days: int = 30

    @property
    def at_port(self) -> int:
        return self.port or CHECK_PORTS[self.kind]


CHECK_PORTS: dict[str, int] = {
    "http": 80,
    "https": 443,
    "tls": 443,
    "tcp": 0,
    "dns": 53,
    "smtp": 25,
    "smtps": 465,
    "imap": 143,
    "imaps": 993,
    "ldap": 389,
    "ldaps": 636,
    "postgresql": 5432,
    "mysql": 3306,
}
"""The kinds of checks and their usual ports; plain TCP has none."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The whole of it, each kind keyed by id."""

    units: dict[str, Unit] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
