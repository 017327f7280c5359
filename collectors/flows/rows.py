"""What the decoder tells: a line of JSON for each conversation and exporter."""

from datetime import UTC, datetime
from typing import NamedTuple

import orjson


class FlowRow(NamedTuple):
    """Traffic of one direction of a conversation in a minute, scaled by the sampling rate. `exporter` is the loopback
    address it was handed on from; `minute` the start of the minute in which it arrived."""

    exporter: str
    source: str
    destination: str
    source_port: int
    destination_port: int
    protocol: int
    minute: datetime
    packets: int
    octets: int


def read_row(line: bytes) -> FlowRow:
    """Raises ValueError for a line that is none, or has sums no exporter can have."""
    try:
        told = orjson.loads(line)
        row = FlowRow(
            told["peer_ip_src"],
            told["ip_src"],
            told["ip_dst"],
            int(told["port_src"]),
            int(told["port_dst"]),
            int(told["ip_proto"]),
            datetime.fromtimestamp(int(told["stamp_inserted"]), UTC),
            int(told["packets"]),
            int(told["bytes"]),
        )
    except (KeyError, TypeError, OverflowError, OSError) as error:
        raise ValueError(f"no row of flows: {error!r}") from None
    if row.octets < 0 or row.packets < 0 or not all(isinstance(each, str) for each in row[:3]):
        raise ValueError("no row of flows: its values are of the wrong kind")
    return row
