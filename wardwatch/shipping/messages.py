"""The words of the protocol, and how they stand on the wire.

A message is a frame: a length (4 bytes, big-endian) and that many bytes of MessagePack, a map tagged with its type.
A request is answered by exactly one message, in order.
"""

import asyncio
import struct
from typing import TypeVar

import msgspec

from wardwatch.errors import TransportFault, UserError
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, SourceProgress

MAX_FRAME_BYTES = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")
Decoded = TypeVar("Decoded")


class Hello(msgspec.Struct, tag=True, frozen=True):
    """An edge introduces itself: its name and the epoch of its journal."""

    edge: str
    epoch: str


class Welcome(msgspec.Struct, tag=True, frozen=True):
    """The last contiguous sequence committed of that epoch, and every source known, so that a tail goes on."""

    committed: int
    sources: tuple[SourceProgress, ...] = ()


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
    """The whole inventory and its version. Secrets stay references."""

    version: int
    inventory: Inventory


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


class Refused(msgspec.Struct, tag=True, frozen=True):
    """The request failed: `retry` says whether the same request may succeed later (a full disk, a busy store)."""

    reason: str
    hint: str | None = None
    retry: bool = False


Request = Hello | Ship | AskInventory | AskVersion | Replace | Count
Reply = Welcome | Shipped | InventoryIs | VersionIs | Counts | Refused

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


async def send(writer: asyncio.StreamWriter, message: Request | Reply) -> None:
    """Writes one frame and waits until the peer can take more. Raises `UserError` for a message that no frame holds:
    sending it again would not help."""
    payload = _encoder.encode(message)
    if len(payload) > MAX_FRAME_BYTES:
        raise UserError(f"a message of {len(payload)} bytes is above the {MAX_FRAME_BYTES} a frame may have")
    writer.write(_LENGTH.pack(len(payload)))
    writer.write(payload)
    await writer.drain()


async def receive_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None when the peer closed between two frames."""
    payload = await _frame(reader)
    return None if payload is None else _decoded(_requests, payload)


async def receive_reply(reader: asyncio.StreamReader) -> Reply:
    """The answer; a closed connection is a `TransportFault`."""
    payload = await _frame(reader)
    if payload is None:
        raise TransportFault("the core closed the connection")
    return _decoded(_replies, payload)


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readexactly(_LENGTH.size)
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise TransportFault("the connection broke inside a frame's length") from None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        raise TransportFault(f"a frame claims {length} bytes; at most {MAX_FRAME_BYTES} are taken")
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise TransportFault(f"the connection broke after {len(error.partial)} of {length} bytes of a frame") from None


def _decoded(decoder: msgspec.msgpack.Decoder[Decoded], payload: bytes) -> Decoded:
    try:
        return decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TransportFault(f"a message is not of the protocol: {error}") from None
