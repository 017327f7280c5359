"""What stands in the files of a journal: a batch, and in front of it what a full journal must know without reading it.

A batch file is a magic; five counts (32 bits each, big-endian: samples, outcomes, facts, events, rejected lines); how
many older files it takes the place of and their numbers (64 bits each); the CRC-32 of all that and the batch; and the
batch as MessagePack. The mark is a line of text.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from wardwatch.errors import TransportFault
from wardwatch.model.records import Batch
from wardwatch.shipping.messages import decode_batch, encode_batch

_MAGIC = b"WWJ1"
_MARK = "WWJ1"
_COUNTS = struct.Struct(">5I")
_HOW_MANY = struct.Struct(">I")
_NUMBER = struct.Struct(">Q")
_CRC = struct.Struct(">I")
_KINDS = ("sample", "outcome", "facts", "event", "rejected")

MAX_REPLACED = 4096
"""So many files at most give way to one."""
COUNTS_BYTES = len(_MAGIC) + _COUNTS.size + _HOW_MANY.size
HEAD_BYTES = COUNTS_BYTES + MAX_REPLACED * _NUMBER.size


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the core has answered: of which epoch, the number of the last file it has, and its sequence."""

    epoch: str
    number: int = 0
    sequence: int = 0

    def encoded(self) -> bytes:
        return f"{_MARK} {self.epoch} {self.number} {self.sequence}\n".encode("ascii")

    @classmethod
    def decoded(cls, content: bytes) -> "Mark | None":
        """None where the words are not a mark's."""
        match content.decode("ascii", "replace").split():
            case [word, epoch, number, sequence] if word == _MARK and number.isdecimal() and sequence.isdecimal():
                return cls(epoch, int(number), int(sequence))
        return None


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a batch file says: what it holds, and which files gave way to it."""

    held: Counter[str] = field(default_factory=Counter)
    replaced: tuple[int, ...] = ()

    @property
    def has_events(self) -> bool:
        return bool(self.held["event"] or self.held["rejected"])


def members(batch: Batch) -> Counter[str]:
    """How many records of each kind a batch holds."""
    return +Counter(
        sample=sum(len(block.index) for block in batch.blocks),
        outcome=len(batch.outcomes),
        facts=len(batch.facts),
        event=len(batch.events),
        rejected=len(batch.rejected),
    )


def content_of(batch: Batch, replaced: Sequence[int] = ()) -> bytes:
    """The file of a batch."""
    held = members(batch)
    head = _COUNTS.pack(*(held[kind] for kind in _KINDS)) + _HOW_MANY.pack(len(replaced))
    head += b"".join(_NUMBER.pack(number) for number in replaced)
    body = encode_batch(batch)
    return b"".join((_MAGIC, head, _CRC.pack(zlib.crc32(body, zlib.crc32(head))), body))


def head_of(content: bytes) -> Head:
    """The head of a file; an empty one where it is no such file. The first `COUNTS_BYTES` say what it holds, of the
    first `HEAD_BYTES` also which files gave way to it."""
    if not content.startswith(_MAGIC) or len(content) < COUNTS_BYTES:
        return Head()
    counts = _COUNTS.unpack_from(content, len(_MAGIC))
    (how_many,) = _HOW_MANY.unpack_from(content, len(_MAGIC) + _COUNTS.size)
    end = COUNTS_BYTES + how_many * _NUMBER.size
    whole = how_many <= MAX_REPLACED and len(content) >= end
    replaced = tuple(int(number) for (number,) in _NUMBER.iter_unpack(content[COUNTS_BYTES:end])) if whole else ()
    return Head(+Counter(dict(zip(_KINDS, counts, strict=True))), replaced)


def batch_of(content: bytes) -> Batch | None:
    """The batch of a file; None where the file is damaged, or of a version that nobody knows any more."""
    end = COUNTS_BYTES + len(head_of(content).replaced) * _NUMBER.size
    if not content.startswith(_MAGIC) or len(content) < end + _CRC.size:
        return None
    (checksum,) = _CRC.unpack_from(content, end)
    body = content[end + _CRC.size :]
    if zlib.crc32(body, zlib.crc32(content[len(_MAGIC) : end])) != checksum:
        return None
    try:
        return decode_batch(body)
    except TransportFault:
        return None
