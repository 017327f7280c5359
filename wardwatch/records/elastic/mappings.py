"""What Elasticsearch indexes: the named keys below and nothing else (`dynamic: false`); documents are kept whole.

A value of the wrong type in a typed key is kept but not indexed (`ignore_malformed`), so that a hostile record does not
lose its event. Of `suricata.eve`, where a record's own keys end up, only the list below is read; it is no tree of
objects (`subobjects: false`), because a dot in a key of a hostile record would be taken for one and refuse the event.
Keys that select little are not in an inverted index: their column answers filters and counts, and costs half to write.
Optional field types of the server are not used.
"""

from typing import Any

from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.records.questions import ADDRESSES, UNITS

Properties = dict[str, Any]

MAX_KEYWORD = 8191
"""Characters of the longest value that is indexed: Lucene takes 32,766 bytes, four a character at worst."""

AT = "record.at"
SEARCHED = "record.searchable"

EVE_KEYS: tuple[str, ...] = ("flow_id",)
"""What is indexed of `suricata.eve`: values that the mapper itself made text."""

KEYWORDS: tuple[str, ...] = (
    "event.kind",
    "event.dataset",
    "event.action",
    "event.category",
    "event.type",
    "event.outcome",
    "network.protocol",
    "network.transport",
    "network.type",
    "network.direction",
    "network.community_id",
    "network.vlan.id",
    "observer.name",
    "rule.id",
    "rule.name",
    "rule.category",
    "rule.ruleset",
    "threat.technique.id",
    "threat.technique.subtechnique.id",
    "threat.tactic.id",
    "threat.technique.name",
    "threat.tactic.name",
    "vulnerability.id",
    "user.name",
    "user.domain",
    "email.from.address",
    "email.sender.address",
    "email.to.address",
    "email.subject",
    "source.mac",
    "source.domain",
    "destination.mac",
    "destination.domain",
    "dns.type",
    "dns.question.name",
    "dns.question.type",
    "dns.response_code",
    "dns.header_flags",
    "http.request.method",
    "url.domain",
    "url.path",
    "user_agent.original",
    "tls.version",
    "tls.client.server_name",
    "tls.client.ja3",
    "tls.client.ja4",
    "tls.server.ja3s",
    "tls.server.subject",
    "tls.server.issuer",
    "tls.server.hash.sha1",
    "file.name",
    "file.path",
    "file.hash.md5",
    "file.hash.sha1",
    "file.hash.sha256",
    "related.hosts",
    "related.hash",
    "related.user",
    "event.reason",
    "client.mac",
    "wardwatch.severity",
    "wardwatch.source.unit",
    "wardwatch.source.site",
    "wardwatch.source.zone",
    "wardwatch.source.device",
    "wardwatch.source.service",
    "wardwatch.destination.unit",
    "wardwatch.destination.site",
    "wardwatch.destination.zone",
    "wardwatch.destination.device",
    "wardwatch.destination.service",
    *(f"suricata.eve.{key}" for key in EVE_KEYS),
)
NUMBERS: tuple[str, ...] = (
    "event.severity",
    "event.risk_score",
    "source.port",
    "source.bytes",
    "destination.port",
    "destination.bytes",
    "network.bytes",
    "http.response.status_code",
    "file.size",
)
BOOLEANS: tuple[str, ...] = ("tls.resumed",)

SELECTIVE = frozenset(
    {"rule.id", "event.dataset", "event.kind", "wardwatch.severity", "related.hosts", "related.hash", "related.user"}
)
"""Keys that pages and hunts over months begin with: they have an inverted index besides their column."""

FIELDS: dict[str, str] = {UNITS: "record.units", **{key: key for key in KEYWORDS + ADDRESSES + NUMBERS + BOOLEANS}}
"""Every key that filters and counts may name on this engine, and the field that answers it."""

_KEYWORD: Properties = {"type": "keyword", "ignore_above": MAX_KEYWORD}
_IP: Properties = {"type": "ip", "ignore_malformed": True}
_LONG: Properties = {"type": "long", "ignore_malformed": True}
_BOOLEAN: Properties = {"type": "boolean", "ignore_malformed": True}
_TIME: Properties = {"type": "date_nanos"}
_KEPT: Properties = {"type": "keyword", "index": False, "doc_values": False}
_POSITION: Properties = {"source": {"type": "keyword", "index": False}, "offset": {"type": "long", "index": False}}

EVENT_SETTINGS: Properties = {"codec": "best_compression", "max_result_window": 10_001}
"""Half the bytes for the same work (zstd; 420 an event against 858), and one row more than the largest page."""


def event_mapping() -> Properties:
    """The mapping of events. `record` is what the store knows of an event beside its document."""
    searchable = {"type": "keyword", "ignore_above": MAX_KEYWORD, "doc_values": False}
    record = {"at": _TIME, **_POSITION, "units": {"type": "keyword"}, "searchable": searchable}
    # Questions are answered by `record.at`, whatever a document says of itself; `@timestamp` is for other readers.
    said = {**_TIME, "index": False, "ignore_malformed": True}
    properties: Properties = {"@timestamp": said, "record": {"properties": record}}
    kinds = ((KEYWORDS, _KEYWORD), (ADDRESSES, _IP), (NUMBERS, _LONG), (BOOLEANS, _BOOLEAN))
    for keys, kind in kinds:
        for key in keys:
            if not key.startswith("suricata.eve."):
                _put(properties, key.split("."), kind if key in SELECTIVE else {**kind, "index": False})
    eve = {"subobjects": False, "dynamic": False, "properties": dict.fromkeys(EVE_KEYS, _KEYWORD)}
    properties["suricata"] = {"properties": {"eve": eve}}
    return {"dynamic": False, "properties": properties}


def rejected_mapping() -> Properties:
    """The mapping of refused lines; the line itself is kept, not indexed."""
    # They are few, and asked for by their source and its beginning.
    record = {"properties": {**_POSITION, "source": {"type": "keyword"}}}
    length = {"type": "long", "index": False, "doc_values": False}
    said = {"reason": _KEYWORD, "beginning": _KEPT, "length": length, "original": _KEPT}
    known = {"@timestamp": _TIME, "record": record, **said}
    return {"dynamic": False, "properties": known}


def outcome_mapping() -> Properties:
    """The mapping of poll outcomes."""
    words = dict.fromkeys(("device", "unit", "outcome"), _KEYWORD)
    numbers = {"duration_ms": {"type": "double", "index": False}, "varbinds": {"type": "long", "index": False}}
    return {"dynamic": False, "properties": {"@timestamp": _TIME, **words, **numbers, "detail": _KEPT}}


def sample_mapping(measurement: str) -> Properties:
    """The mapping of one measurement: a time series a device and index (`metric_index`). All values are doubles."""
    dimension = {"type": "keyword", "time_series_dimension": True}
    value = {"type": "double", "time_series_metric": "gauge", "index": False, "ignore_malformed": True}
    keys = {"@timestamp": _TIME, "device": dimension, "metric_index": dimension, "unit": {"type": "keyword"}}
    return {"dynamic": False, "properties": {**keys, **dict.fromkeys(MEASUREMENTS[measurement].columns, value)}}


SAMPLE_ROUTING: tuple[str, ...] = ("device", "metric_index")
"""The dimensions that decide a sample's shard (`index.routing_path`)."""


def _put(properties: Properties, path: list[str], kind: Properties) -> None:
    for name in path[:-1]:
        properties = properties.setdefault(name, {"properties": {}})["properties"]
    properties[path[-1]] = kind
