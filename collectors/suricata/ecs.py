"""EVE JSON to ECS 8: one line becomes one event, or says why it cannot.

`alert`, `flow`, `http`, `dns`, `tls`, `fileinfo` and `netflow` are mapped field by field, also where another record
carries them as a section (an alert holds its `http`). Every other type gets the common fields and keeps its section
whole under `suricata.eve`. The line itself is the truth copy (`event.original`, kept beside the document);
docs/events.md lists it all.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson

from collectors.suricata.ecs_alert import describe_alert
from collectors.suricata.ecs_dns import describe_dns
from collectors.suricata.ecs_endpoints import AddressBook, Document, Locate, describe_ends
from collectors.suricata.ecs_file import describe_file, relate_files
from collectors.suricata.ecs_flow import describe_flow, describe_netflow
from collectors.suricata.ecs_http import describe_http
from collectors.suricata.ecs_tls import describe_tls
from collectors.suricata.eve_values import Section, identifier, rfc3339, text, utc_time
from wardwatch.ecs import event_of
from wardwatch.model.records import Event, Position, Rejected

ECS_VERSION = "8.17.0"
MAX_LINE_BYTES = 1024 * 1024
MAX_DEPTH = 32
_KEPT_OF_LONG_LINE = 64 * 1024
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)

Describe = Callable[[Section, Document], None]
DESCRIBERS: dict[str, Describe] = {
    "alert": describe_alert,
    "http": describe_http,
    "dns": describe_dns,
    "tls": describe_tls,
    "fileinfo": describe_file,
    "flow": describe_flow,
    "netflow": describe_netflow,
}

# event.category and event.type of the records that are not plain protocol transactions.
_CATEGORIES: dict[str, tuple[list[str], list[str]]] = {
    "http": (["network", "web"], ["access", "protocol"]),
    "fileinfo": (["network", "file"], ["info"]),
    "anomaly": (["network"], ["protocol", "error"]),
    "drop": (["network"], ["denied"]),
    "flow": (["network"], ["connection"]),
    "netflow": (["network"], ["connection"]),
    "stats": (["network"], ["info"]),
}
_PROTOCOL_TRANSACTION: tuple[list[str], list[str]] = (["network"], ["protocol"])

# Records that speak of no application protocol of their own.
_WITHOUT_PROTOCOL = frozenset(
    {"alert", "flow", "netflow", "fileinfo", "anomaly", "drop", "stats", "metadata", "packet", "frame"}
)
_UNDETECTED = frozenset({"failed", "unknown"})

# What has its ECS field or is bulk that the original keeps; everything else of a record stays under suricata.eve.
_NOT_KEPT = frozenset(DESCRIBERS) | {
    *("timestamp", "flow_id", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "community_id"),
    *("ether", "tcp", "host", "payload", "payload_printable", "packet", "packet_info", "frame"),
}

# Documents share these; nothing changes them.
_ECS: Document = {"version": ECS_VERSION}
_SENSOR: Document = {"product": "Suricata", "vendor": "OISF", "type": "ids"}


def map_line(line: bytes, position: Position, locate: Locate | None, now: datetime) -> Event | Rejected:
    """The event of one line (without its line end); never raises.

    `locate` places an address in the inventory, None when there is no inventory. `now` bounds timestamps (a sensor's
    clock may be a day ahead) and stamps what is rejected.
    """
    return map_with(line, position, AddressBook(locate), now)


def map_with(line: bytes, position: Position, book: AddressBook, now: datetime) -> Event | Rejected:
    """`map_line` for many lines: what one of them taught about an address is in the book for the next."""
    if len(line) > MAX_LINE_BYTES:
        reason = f"the line has more than {MAX_LINE_BYTES} bytes; its first {_KEPT_OF_LONG_LINE} are kept here"
        return _rejected(line[:_KEPT_OF_LONG_LINE], position, reason, now)
    try:
        original = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return _rejected(line, position, f"the line is not UTF-8 (byte {error.start})", now)
    eve, at, reason = _read(original, now)
    if eve is None or at is None:
        return Rejected(position, now, reason, original)
    try:
        document, units = _document(eve, at, book)
        return event_of(position, at, units, document, original)
    except Exception as error:
        # A record nobody foresaw must not stop the sensor's other events: it is kept whole and counted as rejected.
        return Rejected(position, now, f"the mapping failed, please report it: {error!r}", original)


def _read(original: str, now: datetime) -> tuple[Section | None, datetime | None, str]:
    """The record and its time, or the reason why there is none."""
    try:
        eve = orjson.loads(original)
    except orjson.JSONDecodeError as error:
        return None, None, "the line is empty" if not original.strip() else f"the line is not JSON: {error}"
    if type(eve) is not dict:
        return None, None, f"the line is JSON, but not an object: {type(eve).__name__}"
    if original.count("{") + original.count("[") > MAX_DEPTH and _deeper_than(eve, MAX_DEPTH):
        return None, None, f"the record is nested more than {MAX_DEPTH} levels deep"
    if text(eve, "event_type") is None:
        return None, None, "the record has no event_type"
    stamp = text(eve, "timestamp")
    if stamp is None:
        return None, None, "the record has no timestamp"
    at = utc_time(stamp)
    if at is None:
        return None, None, f"the timestamp '{stamp[:64]}' is not a time with a zone"
    if not _EARLIEST <= at <= now + _AHEAD:
        return None, None, f"the timestamp '{stamp}' lies before 2000 or more than a day ahead"
    return eve, at, ""


def _document(eve: Section, at: datetime, book: AddressBook) -> tuple[Document, tuple[str, ...]]:
    kind: str = eve["event_type"]
    category, types = _CATEGORIES.get(kind, _PROTOCOL_TRANSACTION)
    about = {key: value for key, value in eve.items() if key not in _NOT_KEPT}
    network: Document = {}
    related: Document = {}
    product: Document = {}
    document: Document = {
        "event": {
            "kind": "metric" if kind == "stats" else "event",
            "category": category,
            "type": types,
            "module": "suricata",
            "dataset": f"suricata.{kind}",
        },
        "@timestamp": rfc3339(at, eve["timestamp"]),
        "ecs": _ECS,
        "observer": _observer(eve),
        "network": network,
        "related": related,
        "wardwatch": product,
        "suricata": {"eve": about},
    }
    flow_id = identifier(eve, "flow_id")
    if flow_id is not None:
        about["flow_id"] = flow_id
    _describe_network(eve, kind, network)
    units = describe_ends(eve, document, book)
    _describe_sections(eve, kind, document)
    if "message" not in document:
        document["message"] = f"{kind} {network.get('protocol', '')}".rstrip()
    if not network:
        del document["network"]
    if not related:
        del document["related"]
    if not product:
        del document["wardwatch"]
    return document, units


def _describe_sections(eve: Section, kind: str, document: Document) -> None:
    """The record's own section first, then those it carries, always in the same order."""
    own = DESCRIBERS.get(kind)
    if own is not None:
        own(eve, document)
    for name, describe in DESCRIBERS.items():
        if name in eve and name != kind and type(eve[name]) is dict:
            describe(eve, document)
    if "files" in eve:
        relate_files(eve, document)


def _observer(eve: Section) -> Document:
    host, interface = text(eve, "host"), text(eve, "in_iface")
    if host is None and interface is None:
        return _SENSOR
    observer = _SENSOR.copy()
    if host is not None:
        observer["name"] = host
    if interface is not None:
        observer["ingress"] = {"interface": {"name": interface}}
    return observer


def _describe_network(eve: Section, kind: str, network: Document) -> None:
    transport, community = text(eve, "proto"), text(eve, "community_id")
    if transport is not None:
        network["transport"] = transport.lower()
    if community is not None:
        network["community_id"] = community
    protocol = text(eve, "app_proto") or (None if kind in _WITHOUT_PROTOCOL else kind)
    if protocol is not None and protocol not in _UNDETECTED:
        network["protocol"] = protocol.lower().replace("_", "-")
    tags = eve.get("vlan")
    if type(tags) is list and tags:
        network["vlan"] = {"id": str(tags[0])}
        if len(tags) > 1:
            network["inner"] = {"vlan": {"id": str(tags[1])}}


def _deeper_than(value: object, limit: int) -> bool:
    """Whether JSON nests deeper than the limit; level by level, so that depth costs no stack."""
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _rejected(line: bytes, position: Position, reason: str, now: datetime) -> Rejected:
    return Rejected(position, now, reason, line.decode("utf-8", "backslashreplace"))
