"""EVE JSON to ECS 8: one line becomes one event, or says why it cannot.

Every type that Suricata writes is mapped field by field, also where another record carries it as a section (an alert
holds its `http`). A type nobody knows yet gets the common fields. The line itself is the truth copy
(`event.original`, kept beside the document): what ECS has no place for is read from it as `suricata.eve`
(`wardwatch.ecs.restored`). docs/events.md lists it all.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson

from collectors.suricata import ecs_access as access
from collectors.suricata import ecs_control as control
from collectors.suricata.ecs_alert import describe_alert
from collectors.suricata.ecs_dns import describe_dns
from collectors.suricata.ecs_endpoints import AddressBook, Document, Locate, describe_ends
from collectors.suricata.ecs_file import describe_file, relate_files
from collectors.suricata.ecs_flow import describe_flow, describe_netflow
from collectors.suricata.ecs_http import describe_http
from collectors.suricata.ecs_mail import describe_email, describe_smtp
from collectors.suricata.ecs_tls import describe_tls
from collectors.suricata.eve_values import Memory, Section, identifier, text, utc_time
from wardwatch.ecs import encoded, folded
from wardwatch.model.records import Event, Position, Rejected

ECS_VERSION = "8.17.0"
MAX_LINE_BYTES = 1024 * 1024
MAX_DEPTH = 32
_KEPT_OF_LONG_LINE = 64 * 1024
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
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
    "smtp": describe_smtp,
    "email": describe_email,
    "smb": access.describe_smb,
    "dcerpc": access.describe_dcerpc,
    "krb5": access.describe_krb5,
    "ssh": access.describe_ssh,
    "ftp": access.describe_ftp,
    "ftp_data": access.describe_ftp_data,
    "nfs": access.describe_nfs,
    "tftp": access.describe_tftp,
    "rdp": access.describe_rdp,
    "rfb": access.describe_rfb,
    "pgsql": access.describe_pgsql,
    "quic": control.describe_quic,
    "dhcp": control.describe_dhcp,
    "sip": control.describe_sip,
    "ike": control.describe_ike,
    "snmp": control.describe_snmp,
    "mqtt": control.describe_mqtt,
    "modbus": control.describe_modbus,
    "dnp3": control.describe_dnp3,
    "enip": control.describe_enip,
    "bittorrent_dht": control.describe_bittorrent,
    "anomaly": control.describe_anomaly,
    "drop": control.describe_drop,
    "tunnel": control.describe_tunnel,
}
_IS_SECTION = DESCRIBERS.__contains__
_RANK = {name: number for number, name in enumerate(DESCRIBERS)}.__getitem__

# event.category and event.type of the records that are not plain protocol transactions.
_CATEGORIES: dict[str, tuple[list[str], list[str]]] = {
    "http": (["network", "web"], ["access", "protocol"]),
    "fileinfo": (["network", "file"], ["info"]),
    "anomaly": (["network"], ["protocol", "error"]),
    "drop": (["network"], ["denied"]),
    "flow": (["network"], ["connection"]),
    "netflow": (["network"], ["connection"]),
    "stats": (["network"], ["info"]),
    "smtp": (["network", "email"], ["protocol", "info"]),
    "krb5": (["network", "authentication"], ["protocol", "info"]),
    "rfb": (["network", "authentication"], ["protocol", "start"]),
    "rdp": (["network", "session"], ["protocol", "start"]),
    "ssh": (["network", "session"], ["protocol", "start"]),
    "pgsql": (["network", "database"], ["protocol", "access"]),
    "ftp_data": (["network", "file"], ["protocol", "access"]),
    "tftp": (["network", "file"], ["protocol", "access"]),
    "nfs": (["network", "file"], ["protocol", "access"]),
}
_PROTOCOL_TRANSACTION: tuple[list[str], list[str]] = (["network"], ["protocol"])

# Records that speak of no application protocol of their own.
_WITHOUT_PROTOCOL = frozenset(
    {"alert", "flow", "netflow", "fileinfo", "anomaly", "drop", "stats", "metadata", "packet", "frame"}
)
_UNDETECTED = frozenset({"failed", "unknown"})

# Documents share these; nothing changes them.
_NOTHING: Document = {}
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
    eve, time, reason = _read(original, now)
    if eve is None or time is None:
        return Rejected(position, now, reason, original)
    try:
        document, units = _document(eve, time[1], book)
        return _event_of(position, time[0], units, document, original)
    except Exception as error:
        # A record nobody foresaw must not stop the sensor's other events: it is kept whole and counted as rejected.
        return Rejected(position, now, f"the mapping failed, please report it: {error!r}", original)


def _read(original: str, now: datetime) -> tuple[Section | None, tuple[datetime, str] | None, str]:
    """The record and its time (also as written in the document), or the reason why there is none."""
    try:
        eve = orjson.loads(original)
    except orjson.JSONDecodeError as error:
        return None, None, "the line is empty" if not original.strip() else f"the line is not JSON: {error}"
    if type(eve) is not dict:
        return None, None, f"the line is JSON, but not an object: {type(eve).__name__}"
    if original.count("{") + original.count("[") > MAX_DEPTH and _too_deep(original, eve):
        return None, None, f"the record is nested more than {MAX_DEPTH} levels deep"
    kind, stamp = eve.get("event_type"), eve.get("timestamp")
    if type(kind) is not str or not kind:
        return None, None, "the record has no event_type"
    if type(stamp) is not str or not stamp:
        return None, None, "the record has no timestamp"
    time = utc_time(stamp)
    if time is None:
        return None, None, f"the timestamp '{stamp[:64]}' is not a time with a zone"
    if not _EARLIEST <= time[0] <= now + _AHEAD:
        return None, None, f"the timestamp '{stamp}' lies before 2000 or more than a day ahead"
    return eve, time, ""


def _document(eve: Section, time: str, book: AddressBook) -> tuple[Document, tuple[str, ...]]:
    kind: str = eve["event_type"]
    network: Document = {}
    related: Document = {}
    product: Document = {}
    document: Document = {
        "event": _EVENTS[kind].copy(),
        "@timestamp": time,
        "ecs": _ECS,
        "observer": _observer(eve),
        "network": network,
        "related": related,
        "wardwatch": product,
    }
    flow_id = identifier(eve, "flow_id")
    if flow_id is not None:
        document["suricata"] = {"eve": {"flow_id": flow_id}}
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


def _event_of(position: Position, at: datetime, units: tuple[str, ...], document: Document, original: str) -> Event:
    """As `wardwatch.ecs.event_of`, which asks any document: of this one we know where a value may be, and its type."""
    event, rule = document["event"], document.get("rule", _NOTHING)
    source, destination = document.get("source", _NOTHING), document.get("destination", _NOTHING)
    severity, port = event.get("severity"), destination.get("port")
    source_ip, destination_ip, rule_name = source.get("ip"), destination.get("ip"), rule.get("name")
    values = (
        event["kind"],
        None if severity is None else str(severity),
        event.get("action"),
        source_ip,
        destination_ip,
        None if port is None else str(port),
        document.get("network", _NOTHING).get("protocol"),
        rule.get("id"),
        rule_name,
    )
    words = [word for word in (document["message"], rule_name, source_ip, destination_ip) if word is not None]
    searchable = folded(" ".join(words))
    alert = event["kind"] == "alert"
    return Event(position, at, event["dataset"], alert, units, encoded(document), original, values, searchable)


def _event(kind: str) -> Document:
    category, types = _CATEGORIES.get(kind, _PROTOCOL_TRANSACTION)
    return {
        "kind": "metric" if kind == "stats" else "event",
        "category": category,
        "type": types,
        "module": "suricata",
        "dataset": f"suricata.{kind}",
    }


def _sensor(interface: str) -> Document:
    return {**_SENSOR, "ingress": {"interface": {"name": interface}}}


_EVENTS = Memory(_event, entries=256, longest=64)
_SENSORS = Memory(_sensor, entries=256, longest=64)


def _observer(eve: Section) -> Document:
    interface = text(eve, "in_iface")
    observer = _SENSOR if interface is None else _SENSORS[interface]
    return {**observer, "name": host} if "host" in eve and (host := text(eve, "host")) is not None else observer


def _describe_sections(eve: Section, kind: str, document: Document) -> None:
    """The record's own section first, then those it carries, always in the same order."""
    own = DESCRIBERS.get(kind)
    if own is not None:
        own(eve, document)
    carried = list(filter(_IS_SECTION, eve))
    if len(carried) > 1:
        carried.sort(key=_RANK)
    for name in carried:
        if name != kind and type(eve[name]) is dict:
            DESCRIBERS[name](eve, document)
    if "files" in eve:
        relate_files(eve, document)


def _describe_network(eve: Section, kind: str, network: Document) -> None:
    transport = text(eve, "proto")
    if transport is not None:
        network["transport"] = transport.lower()
    if "community_id" in eve and (community := text(eve, "community_id")) is not None:
        network["community_id"] = community
    protocol = text(eve, "app_proto") or (None if kind in _WITHOUT_PROTOCOL else kind)
    if protocol is not None and protocol not in _UNDETECTED:
        network["protocol"] = protocol.lower().replace("_", "-")
    tags = eve.get("vlan")
    if tags and type(tags) is list:
        network["vlan"] = {"id": str(tags[0])}
        if len(tags) > 1:
            network["inner"] = {"vlan": {"id": str(tags[1])}}


def _too_deep(original: str, eve: Section) -> bool:
    """Whether a record with many brackets nests too deep.

    Taking pairs of brackets out of the text, level by level, is much faster than to walk the record, but it sees the
    brackets inside texts, too; the walk decides then.
    """
    brackets = original.encode().translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return False
    return _deeper_than(eve, MAX_DEPTH)


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
