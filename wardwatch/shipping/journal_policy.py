"""What a full journal drops: samples before events, the oldest first, never the very oldest file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from wardwatch.shipping.journal_files import MAX_REPLACED, Head

BLOCK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits: how large it is, and what it says it holds."""

    size: int
    head: Head

    @property
    def bytes(self) -> int:
        """What it takes of the disk: whole blocks, so that many small files are bounded as well."""
        return taken(self.size)


class Limits(Protocol):
    """How much may be kept: together, and of each kind (None: no limit of its own)."""

    @property
    def max_bytes(self) -> int: ...

    @property
    def max_sample_bytes(self) -> int | None: ...

    @property
    def max_event_bytes(self) -> int | None: ...


def taken(size: int) -> int:
    """The bytes of the blocks of a file."""
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES


def victims(waiting: Mapping[int, Waiting], used: int, new: Head, size: int, limits: Limits) -> tuple[list[int], bool]:
    """Which files give way to a new one of `size` bytes, and whether it then fits: where nothing makes it fit, others
    stay and its own records are what is dropped. `waiting` is in order; its files take `used` bytes.

    Empty batches give way first, for only their counts are needed. A file with events counts as events. Samples that
    come never push events out.
    """
    limit = limits.max_event_bytes if new.has_events else limits.max_sample_bytes
    over = used + taken(size) - limits.max_bytes
    if over <= 0 and limit is None:
        return [], True
    # The oldest may have been sent already: under its sequence the core must not meet anything else.
    free = list(waiting)[1:]
    first: list[int] | None = []
    if limit is not None:
        alike = [number for number in free if waiting[number].head.has_events == new.has_events]
        first = _enough(waiting, alike, _sum(waiting, alike) + taken(size) - limit)
    if first is not None:
        others = _in_turn(waiting, free, new.has_events, frozenset(first))
        then = _enough(waiting, others, over - _sum(waiting, first))
        if then is not None and len(first) + len(then) <= MAX_REPLACED:
            return [*first, *then], True
    # Its counts alone take the place of other counts, so that the journal stays bounded whatever comes.
    return [number for number in free if _is_empty(waiting[number].head)][:MAX_REPLACED], False


def _in_turn(
    waiting: Mapping[int, Waiting], free: Iterable[int], events_too: bool, taken_already: frozenset[int]
) -> Iterator[int]:
    """Who gives way, in turn."""
    kinds: list[Callable[[Head], bool]] = [_is_empty, _has_samples_only]
    for is_kind in (*kinds, _has_events) if events_too else kinds:
        yield from (number for number in free if is_kind(waiting[number].head) and number not in taken_already)


def _enough(waiting: Mapping[int, Waiting], candidates: Iterable[int], over: int) -> list[int] | None:
    """The first candidates that free so many bytes; None where all of them do not."""
    gone: list[int] = []
    for number in candidates:
        if over <= 0:
            break
        over -= waiting[number].bytes
        gone.append(number)
    return gone if over <= 0 else None


def _sum(waiting: Mapping[int, Waiting], numbers: Iterable[int]) -> int:
    return sum(waiting[number].bytes for number in numbers)


def _is_empty(head: Head) -> bool:
    return not head.held


def _has_samples_only(head: Head) -> bool:
    return bool(head.held) and not head.has_events


def _has_events(head: Head) -> bool:
    return head.has_events
