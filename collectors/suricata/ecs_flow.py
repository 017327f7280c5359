"""The `flow` and `netflow` sections of EVE: bytes, packets, start, end and duration.

Suricata counts to the server and to the client; the client is the source of a flow record, but the destination of an
alert on a reply, where `flow.src_ip` says who opened the flow.
"""

from datetime import UTC, datetime, timedelta

from collectors.suricata.ecs_endpoints import Document
from collectors.suricata.eve_values import Section, count, kept, section, text

_KEPT_FLOW = ("state", "reason", "alerted", "age", "emergency")
_KEPT_TCP = ("tcp_flags", "state", "syn", "fin", "rst", "psh", "ack")
_TYPES: dict[str, list[str]] = {"new": ["connection", "start"], "closed": ["connection", "end"]}


def utc_time(value: str | None) -> datetime | None:
    """An EVE time (`2016-07-13T22:42:07.388078+0000`) in UTC; None when it is none or has no zone."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def rfc3339(at: datetime) -> str:
    """A UTC time as RFC 3339 with microseconds and `Z`."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def describe_flow(eve: Section, document: Document) -> None:
    """Fills bytes and packets of both ends and of the network, and the span of the flow so far."""
    flow = section(eve, "flow")
    opener, other = _ends(eve, flow)
    _count(flow, ("bytes_toserver", "bytes_toclient"), "bytes", document, (opener, other))
    _count(flow, ("pkts_toserver", "pkts_toclient"), "packets", document, (opener, other))
    _span(flow, document)
    about = document["suricata"]["eve"]
    remaining = kept(flow, _KEPT_FLOW)
    if remaining:
        about["flow"] = remaining
    tcp = kept(section(eve, "tcp"), _KEPT_TCP)
    if tcp:
        about["tcp"] = tcp
    if document["event"]["dataset"] == "suricata.flow":
        document["event"]["type"] = _TYPES.get(text(flow, "state") or "", ["connection"])


def describe_netflow(eve: Section, document: Document) -> None:
    """One direction of a flow: what the source sent."""
    netflow = section(eve, "netflow")
    _count(netflow, ("bytes", ""), "bytes", document, ("source", "destination"))
    _count(netflow, ("pkts", ""), "packets", document, ("source", "destination"))
    _span(netflow, document)
    document["event"]["type"] = ["connection"]
    document["suricata"]["eve"]["netflow"] = kept(netflow, ("age", "min_ttl", "max_ttl"))


def _ends(eve: Section, flow: Section) -> tuple[str, str]:
    opened_by = text(flow, "src_ip")
    reply = opened_by is not None and (opened_by, flow.get("src_port")) == (eve.get("dest_ip"), eve.get("dest_port"))
    return ("destination", "source") if reply else ("source", "destination")


def _count(flow: Section, keys: tuple[str, str], field: str, document: Document, ends: tuple[str, str]) -> None:
    total = None
    for key, end in zip(keys, ends, strict=True):
        value = count(flow, key)
        if value is None:
            continue
        total = value + (total or 0)
        if end in document:
            document[end][field] = value
    if total is not None:
        document["network"][field] = total


def _span(flow: Section, document: Document) -> None:
    start, end = utc_time(text(flow, "start")), utc_time(text(flow, "end"))
    event = document["event"]
    if start is not None:
        event["start"] = rfc3339(start)
    if end is not None:
        event["end"] = rfc3339(end)
    if start is not None and end is not None and end >= start:
        event["duration"] = (end - start) // timedelta(microseconds=1) * 1000
