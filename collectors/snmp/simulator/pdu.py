"""PDUs of SNMPv2 (RFC 3416): requests in, responses out. OIDs stay encoded until they must be compared."""

from typing import NamedTuple

from collectors.snmp.simulator import ber
from collectors.snmp.simulator.ber import Malformed

GET = 0xA0
GET_NEXT = 0xA1
RESPONSE = 0xA2
SET = 0xA3
GET_BULK = 0xA5
REPORT = 0xA8
REQUESTS = frozenset({GET, GET_NEXT, SET, GET_BULK})

TOO_BIG = 1
AUTHORIZATION_ERROR = 16
NOT_WRITABLE = 17

MAX_VARBINDS = 256


class Request(NamedTuple):
    """A request: `request_id` is its whole element, given back unread; `first` and `second` are error status and
    index, or non-repeaters and max-repetitions of a GETBULK; `names` are the contents of the OIDs."""

    kind: int
    request_id: bytes
    first: int
    second: int
    names: list[bytes]


def read_request(data: bytes, at: int, end: int) -> Request:
    """The PDU at `at`. Raises `Malformed` for what is no request, has trailing bytes or too many varbinds."""
    kind, start, stop = ber.read_header(data, at, end)
    if kind not in REQUESTS:
        raise Malformed("no_request")
    id_start, id_stop = ber.read(data, start, stop, ber.INTEGER)
    if not 1 <= id_stop - id_start <= 4:
        raise Malformed("bad_integer")
    first, after = ber.read_integer(data, id_stop, stop)
    second, after = ber.read_integer(data, after, stop)
    list_start, list_stop = ber.read(data, after, stop, ber.SEQUENCE)
    if list_stop != stop or stop != end:
        raise Malformed("trailing_bytes")
    names: list[bytes] = []
    while list_start < list_stop:
        bind_start, bind_stop = ber.read(data, list_start, list_stop, ber.SEQUENCE)
        name_start, name_stop = ber.read(data, bind_start, bind_stop, ber.OBJECT)
        _, _, value_stop = ber.read_header(data, name_stop, bind_stop)
        if value_stop != bind_stop or len(names) == MAX_VARBINDS:
            raise Malformed("bad_varbind")
        names.append(data[name_start:name_stop])
        list_start = bind_stop
    return Request(kind, data[start:id_stop], first, second, names)


def write_response(request_id: bytes, varbinds: bytes, error: int = 0, index: int = 0, kind: int = RESPONSE) -> bytes:
    """A response (or report) PDU over varbinds that are encoded already."""
    status = ber.encode_integer(error) + ber.encode_integer(index) if error else b"\x02\x01\x00\x02\x01\x00"
    return ber.encode(kind, request_id + status + ber.encode(ber.SEQUENCE, varbinds))


def write_varbind(name: bytes, value: bytes) -> bytes:
    """A varbind of an OID's contents and a whole value element."""
    return ber.encode(ber.SEQUENCE, ber.encode(ber.OBJECT, name) + value)
