"""The inventory's document: strict models of every kind, beside the frozen values of `wardwatch.model.inventory`.

A document is a mapping from kind (`units`, `devices` ...) to a list of records; each may stand in a file of its own.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from wardwatch.model.inventory import (
    Check,
    Circuit,
    Credential,
    Device,
    DeviceRole,
    Inventory,
    Link,
    Service,
    Site,
    Unit,
    Zone,
)
from wardwatch.model.text import nfc
from wardwatch.strict_yaml import SecretReference, StrictModel

SLUG = r"[a-z0-9]+(?:[-._][a-z0-9]+)*"
Record = Unit | Zone | Site | Credential | Device | Circuit | Link | Service | Check


def _text(value: str) -> str:
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value):
        raise ValueError("must be one line without control characters")
    return nfc(value)


def _id(value: str) -> str:
    if re.fullmatch(SLUG, value) is None:
        raise ValueError(f"'{value}' is no id: use lower-case letters and digits, with - . or _ between them")
    return value


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f"'{value}' is no IP address") from None


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"'{value}' is no network: write it as 10.1.2.0/24") from None
    if str(network.network_address) != str(ipaddress.ip_address(value.partition("/")[0])):
        raise ValueError(f"'{value}' is an address inside a network: write {network}")
    return str(network)


def _host(value: str) -> str:
    """An address, or a name that is written as DNS has it (RFC 1123, and _ for services), in ASCII."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    try:
        name = value if value.isascii() else value.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name or not all(re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", part) for part in name.split(".")):
        raise ValueError(f"'{value}' is neither an address nor the name of a host")
    return name.lower()


Id = Annotated[str, Field(max_length=120, json_schema_extra={"pattern": f"^{SLUG}$"}), AfterValidator(_id)]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_text)]
Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=1, le=65535)]


class UnitDocument(StrictModel):
    """A unit; `valid_to` is its last day, `successors` took over."""

    id: Id
    name: Text
    kind: Id
    code: Text
    parent: Id | None = None
    short_name: Text | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[Id, ...] = ()
    tile: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    networks: tuple[Network, ...] = ()

    @model_validator(mode="after")
    def _validity(self) -> "UnitDocument":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to ({self.valid_to}) is before valid_from ({self.valid_from})")
        if self.successors and self.valid_to is None:
            raise ValueError("a unit with successors needs valid_to, its last day")
        return self


class ZoneDocument(StrictModel):
    """A security zone."""

    id: Id
    name: Text
    kind: Id = "lan"
    networks: tuple[Network, ...] = ()


class SiteDocument(StrictModel):
    """A place where devices stand."""

    id: Id
    name: Text
    unit: Id
    address: Text | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None


class CredentialDocument(StrictModel):
    """A login, its secrets by reference."""

    id: Id
    kind: Literal["snmp-v1", "snmp-v2c", "snmp-v3"]
    community: SecretReference | None = None
    user: Text | None = None
    auth_protocol: Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"] | None = None
    auth_key: SecretReference | None = None
    privacy_protocol: Literal["des", "aes128", "aes192", "aes192c", "aes256", "aes256c"] | None = None
    privacy_key: SecretReference | None = None

    @model_validator(mode="after")
    def _complete(self) -> "CredentialDocument":
        v3 = (self.user, self.auth_protocol, self.auth_key, self.privacy_protocol, self.privacy_key)
        if self.kind != "snmp-v3":
            if self.community is None or any(v3):
                raise ValueError(f"{self.kind} takes a community and nothing else")
            return self
        if self.community is not None or self.user is None:
            raise ValueError("snmp-v3 takes a user and no community")
        if (self.auth_protocol is None) != (self.auth_key is None):
            raise ValueError("auth_protocol and auth_key go together")
        if (self.privacy_protocol is None) != (self.privacy_key is None):
            raise ValueError("privacy_protocol and privacy_key go together")
        if self.privacy_key is not None and self.auth_key is None:
            raise ValueError("privacy needs authentication too: give auth_protocol and auth_key")
        return self


class DeviceDocument(StrictModel):
    """A thing that is polled at `address` and `snmp_port`."""

    id: Id
    name: Text
    role: DeviceRole
    unit: Id
    site: Id
    zone: Id
    address: Address
    snmp_port: Port = 161
    credential: Id | None = None
    vendor: Text | None = None
    model: Text | None = None
    serial: Text | None = None
    ports: Annotated[int, Field(ge=0, le=100_000)] = 0
    addresses: tuple[Address, ...] = ()
    redundancy_group: Id | None = None
    poll_interval_s: Annotated[float, Field(ge=10, le=3600)] | None = Field(
        None, description="How often it is polled, where the installation's interval does not suit it."
    )


class CircuitDocument(StrictModel):
    """A leased line."""

    id: Id
    name: Text
    provider: Text
    provider_reference: Text
    contact: Text | None = None
    bandwidth_bps: Annotated[int, Field(gt=0, le=10**13)] | None = None
    agreed_availability_pct: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None


class LinkDocument(StrictModel):
    """A connection of two devices; `upstream` is nearer the data centre."""

    id: Id
    upstream: Id
    downstream: Id
    upstream_port: Text | None = None
    downstream_port: Text | None = None
    circuit: Id | None = None

    @model_validator(mode="after")
    def _two_ends(self) -> "LinkDocument":
        if self.upstream == self.downstream:
            raise ValueError(f"a link needs two devices, both ends are '{self.upstream}'")
        return self


class ServiceDocument(StrictModel):
    """An information system, core database or online public service."""

    id: Id
    name: Text
    kind: Literal["information-system", "core-database", "public-service"]
    owner: Id
    code: Text | None = None
    level: Annotated[int, Field(ge=1, le=5)] | None = None
    devices: tuple[Id, ...] = ()
    depends_on: tuple[Id, ...] = ()
    addresses: tuple[Address, ...] = ()
    hostname: Text | None = None

    @model_validator(mode="after")
    def _level(self) -> "ServiceDocument":
        if self.kind == "public-service" and self.level is not None and self.level > 4:
            raise ValueError("the level of a public service is 1 to 4")
        return self


class CheckDocument(StrictModel):
    """How a service is tried: one thing that must answer as expected, every so often."""

    id: Id
    service: Id
    kind: Literal["http", "https", "tls", "tcp", "dns", "smtp", "smtps", "imap", "imaps", "ldap", "ldaps",
                  "postgresql", "mysql"]  # fmt: skip
    host: Annotated[str, Field(max_length=253), AfterValidator(_host)]
    port: Port | None = None
    path: Annotated[str, Field(max_length=2000, pattern=r"^/[!-~]*$")] = "/"
    status: Annotated[int, Field(ge=200, le=599)] = 200
    text: Text | None = Field(None, description="Must be in the answer (HTTP) or among the records (DNS).")
    query: Annotated[str, Field(max_length=253), AfterValidator(_host)] | None = None
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "SOA", "TXT", "SRV", "PTR"] = "A"
    starttls: bool = False
    authority: Text | None = Field(None, description="File of PEM certificates trusted besides the system's.")
    interval_s: Annotated[float, Field(ge=5, le=86_400, allow_inf_nan=False)] = 60.0
    timeout_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 10.0
    certificate_days: Annotated[int, Field(ge=0, le=365)] = Field(
        30, description="From how many days before its end on a certificate is warned of."
    )

    @model_validator(mode="after")
    def _fitting(self) -> "CheckDocument":
        if self.kind == "tcp" and self.port is None:
            raise ValueError("a tcp check needs a port")
        if (self.kind == "dns") != (self.query is not None):
            raise ValueError("a dns check needs 'query', the name to ask for; others take none")
        if self.text is not None and self.kind not in ("http", "https", "dns"):
            raise ValueError(f"a {self.kind} check reads no text: leave 'text' out")
        if self.starttls and self.kind not in ("smtp", "imap", "ldap", "postgresql"):
            raise ValueError(f"a {self.kind} check has no STARTTLS")
        if self.timeout_s >= self.interval_s:
            raise ValueError("timeout_s must be below interval_s")
        return self


class InventoryDocument(StrictModel):
    """The whole document: what the published JSON Schema describes. Any part may be left out."""

    units: tuple[UnitDocument, ...] = ()
    zones: tuple[ZoneDocument, ...] = ()
    sites: tuple[SiteDocument, ...] = ()
    credentials: tuple[CredentialDocument, ...] = ()
    devices: tuple[DeviceDocument, ...] = ()
    circuits: tuple[CircuitDocument, ...] = ()
    links: tuple[LinkDocument, ...] = ()
    services: tuple[ServiceDocument, ...] = ()
    checks: tuple[CheckDocument, ...] = ()


KINDS: Mapping[str, tuple[type[StrictModel], type[Record]]] = MappingProxyType(
    {
        "units": (UnitDocument, Unit),
        "zones": (ZoneDocument, Zone),
        "sites": (SiteDocument, Site),
        "credentials": (CredentialDocument, Credential),
        "devices": (DeviceDocument, Device),
        "circuits": (CircuitDocument, Circuit),
        "links": (LinkDocument, Link),
        "services": (ServiceDocument, Service),
        "checks": (CheckDocument, Check),
    }
)
"""Each kind's document model and value, in the order files are written."""


def value_of(kind: str, document: StrictModel) -> Record:
    """The frozen value of a checked record."""
    return KINDS[kind][1](**{name: getattr(document, name) for name in type(document).model_fields})


def records_of(inventory: Inventory, kind: str) -> list[Record]:
    """The values of a kind, in their order."""
    return list(getattr(inventory, kind).values())


def inventory_schema() -> dict[str, Any]:
    """The JSON Schema of an inventory document (draft 2020-12)."""
    schema = InventoryDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "WardWatch inventory"}
