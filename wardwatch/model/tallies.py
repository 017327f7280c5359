"""A batch, and what a store made of it, as the rows of the ledger: the same for every engine."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from wardwatch.model.ledger import OUTCOMES, SAMPLES, Tally
from wardwatch.model.records import Batch, Position

LONGEST_NAME = 200
"""Characters of a name in the ledger: a key of three of them still fits into an index of every database."""
MOST = 10**12
"""What an edge may claim to have read or dropped in one batch; sums of it stay within 64 bits."""

_POSITION, _SOURCE = attrgetter("position"), attrgetter("source")


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of a kind without positions were stored, and how many refused."""

    stored: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the members of a batch: of each line the position, once for each time it came."""

    stored: Iterable[Position] = ()
    duplicates: Iterable[Position] = ()
    rejected: Iterable[Position] = ()
    samples: Kept = Kept()
    outcomes: Kept = Kept()


def tallies(batch: Batch, fate: Fate) -> tuple[Tally, ...]:
    """The tally of every source that the batch names or has records of."""
    stored, duplicates, rejected = (_by_source(each) for each in (fate.stored, fate.duplicates, fate.rejected))
    came = _came(batch)
    for source, kept in ((SAMPLES, fate.samples), (OUTCOMES, fate.outcomes)):
        stored[source] += kept.stored
        rejected[source] += kept.rejected
    read = {source: _believable(count) for source, count in batch.read.items()}
    sources = dict.fromkeys((*+Counter(read), *+came, *+stored, *+duplicates, *+rejected))
    return tuple(
        Tally(
            ledger_name(source),
            read.get(source, 0),
            0 if source in read else came[source],
            stored[source],
            duplicates[source],
            rejected[source],
        )
        for source in sources
    )


def polled(batch: Batch) -> dict[str, int]:
    """What a batch has of polled records, as its edge tells it in `Batch.read`."""
    return {SAMPLES: sum(len(block.index) for block in batch.blocks), OUTCOMES: len(batch.outcomes)}


def drops(batch: Batch) -> Mapping[str, int]:
    """What the edge told it dropped, by reasons that a ledger can hold."""
    counts: Counter[str] = Counter()
    for reason, count in batch.drops.items():
        counts[ledger_name(reason)] += _believable(count)
    return +counts


def ledger_name(name: str) -> str:
    """The name of an edge, a source or a reason, as every store can hold it: a longer one by its beginning and its
    hash, and without NUL, which PostgreSQL takes in no text."""
    if len(name) <= LONGEST_NAME and "\0" not in name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name[: LONGEST_NAME - 17]}~{digest}".replace("\0", "\N{SYMBOL FOR NULL}")


def _came(batch: Batch) -> Counter[str]:
    """How many records of each source the batch has."""
    came = _by_source(map(_POSITION, batch.events))
    came.update(member.position.source for member in batch.rejected)
    came.update(polled(batch))
    return came


def _by_source(positions: Iterable[Position]) -> Counter[str]:
    return Counter(map(_SOURCE, positions))


def _believable(count: int) -> int:
    """A forged count shows as a row that does not add up; it must not stop the batch."""
    return min(max(count, 0), MOST)
