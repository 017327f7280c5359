"""The words of the protocol, and how they stand on the wire.

A message is a frame: a length (4 bytes, big-endian) and that many bytes of MessagePack, a map tagged with its type.
A request is answered by exactly one message, in order. Over HTTPS a request's frame is the body of a POST, and its
answer's frame the body of the response.
"""

import asyncio
import struct
from datetime import date, datetime
from typing import TypeVar

import msgspec

from wardwatch.errors import TransportFault, UserError
from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.ledger import Ledger, RejectedLine, RejectedPage, RejectedQuery
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, Position, SourceProgress
from wardwatch.shipping.finding_messages import FindingReply, FindingRequest
from wardwatch.shipping.page_messages import AskPage, PageIs

MAX_FRAME_BYTES = 64 * 1024 * 1024
_AT_ONCE_BYTES = 64 * 1024
_LENGTH = struct.Struct(">I")
Decoded = TypeVar("Decoded")


class Hello(msgspec.Struct, tag=True, frozen=True):
    """An edge introduces itself: its name (a remote edge: the name of its part) and the epoch of its journal."""

    edge: str
    epoch: str


class Welcome(msgspec.Struct, tag=True, frozen=True):
    """The last contiguous sequence committed of that epoch, and every source known, so that a tail goes on.

    `edge` is the name to ship under, `zone` what a remote edge polls, `now` the core's clock.
    """

    committed: int
    sources: tuple[SourceProgress, ...] = ()
    edge: str = ""
    zone: str = ""
    now: datetime | None = None


class Ship(msgspec.Struct, tag=True, frozen=True):
    """A batch to be made durable."""

    batch: Batch


class Shipped(msgspec.Struct, tag=True, frozen=True):
    """The batch is durable."""

    sequence: int
    result: AppendResult


class AskInventory(msgspec.Struct, tag=True, frozen=True):
    """An edge asks what to poll and how to enrich."""


class InventoryIs(msgspec.Struct, tag=True, frozen=True):
    """The inventory and its version: the whole of it, or what a remote edge works with. Secrets stay references.
    `claimed` are the zones that remote edges poll."""

    version: int
    inventory: Inventory
    claimed: tuple[str, ...] = ()


class AskVersion(msgspec.Struct, tag=True, frozen=True):
    """An edge asks whether the inventory has changed."""


class VersionIs(msgspec.Struct, tag=True, frozen=True):
    """The inventory's version."""

    version: int


class Replace(msgspec.Struct, tag=True, frozen=True):
    """The command line replaces the inventory of a running instance; `actor` is who does it."""

    actor: str
    inventory: Inventory


class Count(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for counts of events by an ECS key."""

    query: EventQuery
    by: str


class Counts(msgspec.Struct, tag=True, frozen=True):
    """Counts by value."""

    counts: dict[str, int]


class AddEdge(msgspec.Struct, tag=True, frozen=True):
    """The command line adds a remote edge."""

    actor: str
    name: str
    zone: str


class TokenIs(msgspec.Struct, tag=True, frozen=True):
    """The token of an edge that was added: said once, kept nowhere."""

    token: str


class RevokeEdge(msgspec.Struct, tag=True, frozen=True):
    """The command line revokes a remote edge."""

    actor: str
    name: str


class AskEdges(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for the remote edges."""


class EdgesAre(msgspec.Struct, tag=True, frozen=True):
    """The remote edges, revoked ones too."""

    edges: tuple[Edge, ...]


class AskLedger(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for days of the ledger, both ends in it."""

    first_day: date
    last_day: date


class LedgerIs(msgspec.Struct, tag=True, frozen=True):
    """The ledger of these days."""

    ledger: Ledger


class AskRejected(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for refused lines."""

    query: RejectedQuery


class RejectedAre(msgspec.Struct, tag=True, frozen=True):
    """A page of refused lines."""

    page: RejectedPage


class AskRejectedLine(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for one refused line whole."""

    position: Position


class RejectedLineIs(msgspec.Struct, tag=True, frozen=True):
    """The line; None where there is none."""

    line: RejectedLine | None


class MakeBackup(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for a backup into a folder of the core's machine."""

    target: str


class BackupIs(msgspec.Struct, tag=True, frozen=True):
    """What was written: files, bytes, rows of state and of records."""

    files: int
    bytes: int
    state_rows: int
    record_rows: int


class AskRules(msgspec.Struct, tag=True, frozen=True):
    """An edge asks for the rules of its sensor; `version` is that of those it has."""

    version: str = ""


class RulesAre(msgspec.Struct, tag=True, frozen=True):
    """The rules files by name and their version; no files where the edge has that version already."""

    version: str
    files: dict[str, bytes] = {}


class Report(msgspec.Struct, tag=True, frozen=True):
    """An edge says how its parts are."""

    parts: tuple[PartHealth, ...]


class Noted(msgspec.Struct, tag=True, frozen=True):
    """The report is on the board; `now` is the core's clock, from which an edge sees how wrong its own is."""

    now: datetime


class Refused(msgspec.Struct, tag=True, frozen=True):
    """The request failed: `retry` says whether the same request may succeed later (a full disk, a busy store)."""

    reason: str
    hint: str | None = None
    retry: bool = False


EdgeRequest = Hello | Ship | AskInventory | AskVersion | AskRules | Report
"""What a remote edge may ask."""
Request = (
    EdgeRequest
    | Replace
    | Count
    | AddEdge
    | RevokeEdge
    | AskEdges
    | AskLedger
    | AskRejected
    | AskRejectedLine
    | MakeBackup
    | AskPage
    | FindingRequest
)
Reply = (
    Welcome
    | Shipped
    | InventoryIs
    | VersionIs
    | RulesAre
    | Noted
    | Counts
    | TokenIs
    | EdgesAre
    | LedgerIs
    | RejectedAre
    | RejectedLineIs
    | BackupIs
    | PageIs
    | FindingReply
    | Refused
)

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
_batches: msgspec.msgpack.Decoder[Batch] = msgspec.msgpack.Decoder(Batch)


def encode_batch(batch: Batch) -> bytes:
    """A batch as a journal keeps it."""
    return _encoder.encode(batch)


def decode_batch(payload: bytes) -> Batch:
    """The batch of a journal's payload; raises `TransportFault` for anything else."""
    return _decoded(_batches, payload)


def frame_of(message: Request | Reply) -> bytes:
    """The frame of a message. Raises `UserError` for one that no frame holds: sending it again would not help."""
    payload = _encoder.encode(message)
    if len(payload) > MAX_FRAME_BYTES:
        raise UserError(f"a message of {len(payload)} bytes is above the {MAX_FRAME_BYTES} a frame may have")
    return _LENGTH.pack(len(payload)) + payload


def request_of(frame: bytes) -> Request:
    """The request of a whole frame; raises `TransportFault` for anything else."""
    return _decoded(_requests, _payload_of(frame))


def reply_of(frame: bytes) -> Reply:
    """The reply of a whole frame; raises `TransportFault` for anything else."""
    return _decoded(_replies, _payload_of(frame))


async def send(writer: asyncio.StreamWriter, message: Request | Reply) -> None:
    """Writes one frame and waits until the peer can take more. Raises as `frame_of`."""
    writer.write(frame_of(message))
    await writer.drain()


async def receive_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None when the peer closed between two frames. A large one is decoded in a thread: pages are
    answered meanwhile."""
    frame = await receive_frame(reader)
    if frame is None or len(frame) <= _AT_ONCE_BYTES:
        return None if frame is None else request_of(frame)
    return await asyncio.to_thread(request_of, frame)


async def receive_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next whole frame; None when the peer closed before it."""
    try:
        head = await reader.readexactly(_LENGTH.size)
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise TransportFault("the connection broke inside a frame's length") from None
    length = _claimed(head)
    try:
        return head + await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise TransportFault(f"the connection broke after {len(error.partial)} of {length} bytes of a frame") from None


def _claimed(head: bytes) -> int:
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        raise TransportFault(f"a frame claims {length} bytes; at most {MAX_FRAME_BYTES} are taken")
    return int(length)


def _payload_of(frame: bytes) -> memoryview:
    if len(frame) < _LENGTH.size:
        raise TransportFault(f"{len(frame)} bytes are no frame: its length alone has {_LENGTH.size}")
    length, there = _claimed(frame[: _LENGTH.size]), len(frame) - _LENGTH.size
    if length != there:
        raise TransportFault(f"a frame claims {length} bytes and has {there}")
    return memoryview(frame)[_LENGTH.size :]


def _decoded(decoder: msgspec.msgpack.Decoder[Decoded], payload: bytes | memoryview) -> Decoded:
    try:
        return decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TransportFault(f"a message is not of the protocol: {error}") from None
