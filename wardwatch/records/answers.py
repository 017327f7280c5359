"""The answer to the last batch of each edge, kept in the books: who did not get it is told the same again.

Only what the batch itself does not say is kept: the counts, and which of its events were not new.
"""

from dataclasses import replace

import orjson

from wardwatch.errors import TransportFault
from wardwatch.model.records import AppendResult, Batch, Position


def kept_answer(batch: Batch, result: AppendResult) -> str:
    """What the books keep of an answer."""
    new = set(result.new_events)
    known = [event.position for event in batch.events if event.position not in new]
    return orjson.dumps(
        {
            "stored_samples": result.stored_samples,
            "stored_events": result.stored_events,
            "duplicates": result.duplicates,
            "rejected": result.rejected,
            "known": [[position.source, position.offset] for position in known],
        }
    ).decode()


def answer_again(batch: Batch, kept: str | None) -> AppendResult:
    """The answer to a batch that was committed before; `kept` is None where the books do not have it any more."""
    if not kept:
        return AppendResult(already_committed=True)
    was = orjson.loads(kept)
    known = {Position(source, offset) for source, offset in was.pop("known")}
    new = tuple(dict.fromkeys(event.position for event in batch.events if event.position not in known))
    return replace(AppendResult(**was), new_events=new, already_committed=True)


def answered(batch: Batch, committed: int, kept: str | None) -> AppendResult | None:
    """The answer to a batch that was committed before; None when it is the next one.

    `committed` is the last sequence of its edge's epoch, `kept` what the books keep of the answer to that. A batch that
    follows no committed one raises `TransportFault` naming the gap.
    """
    if batch.sequence <= committed:
        return answer_again(batch, kept if batch.sequence == committed else None)
    if batch.sequence > committed + 1:
        raise TransportFault(
            f"edge {batch.edge}: batch {batch.sequence} of epoch {batch.epoch} came while {committed} is"
            f" the last committed, so {committed + 1} to {batch.sequence - 1} are missing",
            f"ship again from {committed + 1}",
        )
    return None
