"""The `flow` and `netflow` sections of EVE: bytes, packets, start, end and duration.

Suricata counts to the server and to the client; the client is the source of a flow record, but the destination of an
alert on a reply, where `flow.src_ip` says who opened the flow.
"""

from datetime import timedelta

from collectors.suricata.ecs_endpoints import Document
from collectors.suricata.eve_values import Section, count, section, text, utc_time

_CONNECTION = ["connection"]
_TYPES: dict[str, list[str]] = {"new": ["connection", "start"], "closed": ["connection", "end"]}
_MICROSECOND = timedelta(microseconds=1)


def describe_flow(eve: Section, document: Document) -> None:
    """Fills bytes and packets of both ends and of the network, and the span of the flow so far."""
    flow = section(eve, "flow")
    opener, other = _ends(eve, flow)
    to_server, to_client = count(flow, "bytes_toserver"), count(flow, "bytes_toclient")
    _describe_count("bytes", to_server, to_client, document, opener, other)
    to_server, to_client = count(flow, "pkts_toserver"), count(flow, "pkts_toclient")
    _describe_count("packets", to_server, to_client, document, opener, other)
    _describe_span(flow, document["event"])
    if eve["event_type"] == "flow":
        document["event"]["type"] = _TYPES.get(text(flow, "state") or "", _CONNECTION)


def describe_netflow(eve: Section, document: Document) -> None:
    """One direction of a flow: what the source sent."""
    netflow = section(eve, "netflow")
    _describe_count("bytes", count(netflow, "bytes"), None, document, "source", "destination")
    _describe_count("packets", count(netflow, "pkts"), None, document, "source", "destination")
    _describe_span(netflow, document["event"])
    document["event"]["type"] = _CONNECTION


def _ends(eve: Section, flow: Section) -> tuple[str, str]:
    opened_by = flow.get("src_ip")
    if (
        type(opened_by) is str
        and opened_by
        and opened_by == eve.get("dest_ip")
        and flow.get("src_port") == eve.get("dest_port")
    ):
        return "destination", "source"
    return "source", "destination"


def _describe_count(
    field: str, to_server: int | None, to_client: int | None, document: Document, opener: str, other: str
) -> None:
    if to_server is None and to_client is None:
        return
    if to_server is not None and opener in document:
        document[opener][field] = to_server
    if to_client is not None and other in document:
        document[other][field] = to_client
    document["network"][field] = (to_server or 0) + (to_client or 0)


def _describe_span(flow: Section, event: Document) -> None:
    started, ended = text(flow, "start"), text(flow, "end")
    start = None if started is None else utc_time(started)
    end = None if ended is None else utc_time(ended)
    if start is not None:
        event["start"] = start[1]
    if end is not None:
        event["end"] = end[1]
        if start is not None and end[0] >= start[0]:
            event["duration"] = (end[0] - start[0]) // _MICROSECOND * 1000
