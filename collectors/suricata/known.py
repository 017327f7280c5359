"""The generations that were met: where to go on in a file, found by what the file holds.

A generation is known by the hash of its first line, and checked by an anchor, a hash of what stands right before the
offset up to which it was handed on: after a power loss a file may have lost its end and grown again, and an old copy
may be put in its place.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from wardwatch.model.records import SourceProgress

ANCHOR_BYTES = 256
_SEPARATOR = "/"


class Match(StrEnum):
    """How a file goes with what is known of its first line."""

    UNKNOWN = "unknown"
    SAME = "same"  # it holds what was handed on
    SHORTER = "shorter"  # it ends before what was handed on ends
    OTHER = "other"  # it is long enough, and holds something else


@dataclass(frozen=True, slots=True)
class Found:
    """`source` and `offset` are where to go on, of a file that is the same."""

    match: Match
    source: str = ""
    offset: int = 0


def head_of(line: bytes) -> str:
    """SHA-256 of a first line."""
    return hashlib.sha256(line).hexdigest()


def anchor_of(before: bytes) -> str:
    """A short hash of the bytes before an offset (at most `ANCHOR_BYTES`)."""
    return hashlib.blake2b(before, digest_size=8).hexdigest()


def fingerprint_of(head: str, anchor: str) -> str:
    """What a store keeps of a generation beside its offset."""
    return f"{head}{_SEPARATOR}{anchor}"


class KnownGenerations:
    """By first line, so that thousands of them cost nothing."""

    def __init__(self, progress: Iterable[SourceProgress]) -> None:
        self._by_head: dict[str, dict[str, SourceProgress]] = {}
        for each in progress:
            self.remember(each)

    def remember(self, progress: SourceProgress) -> None:
        """Takes how far a generation was handed on now. A source without a fingerprint is no file."""
        head = progress.fingerprint.partition(_SEPARATOR)[0]
        if head:
            self._by_head.setdefault(head, {})[progress.source] = progress

    def find(self, head: str, size: int, anchor_at: Callable[[int], str] | None) -> Found:
        """How a file of that first line and size goes with what is known. `anchor_at` gives its anchor at an offset;
        None where that cannot be told."""
        known = self._by_head.get(head, {}).values()
        if not known:
            return Found(Match.UNKNOWN)
        for progress in sorted((each for each in known if each.offset <= size), key=lambda each: -each.offset):
            anchor = progress.fingerprint.partition(_SEPARATOR)[2]
            if not anchor or anchor_at is None or anchor == anchor_at(progress.offset):
                return Found(Match.SAME, progress.source, progress.offset)
        return Found(Match.OTHER if any(each.offset <= size for each in known) else Match.SHORTER)
