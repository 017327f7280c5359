"""The ledger as the API shows it."""

from collections.abc import Sequence

from api.schemas.ledger import DropView, LedgerCounts, LedgerRowView, RejectedView
from wardwatch.model.ledger import DropRow, LedgerRow, RejectedLine


def row_view(row: LedgerRow) -> LedgerRowView:
    return LedgerRowView.model_validate(row)


def drop_view(row: DropRow) -> DropView:
    return DropView.model_validate(row)


def counts_of(rows: Sequence[LedgerRow]) -> LedgerCounts:
    """The rows added up. What is missing in one is not made good by too much in another, but a sum shows no more."""
    return LedgerCounts(
        read=sum(row.read for row in rows),
        untold=sum(row.untold for row in rows),
        stored=sum(row.stored for row in rows),
        duplicates=sum(row.duplicates for row in rows),
        rejected=sum(row.rejected for row in rows),
        missing=sum(row.missing for row in rows),
    )


def rejected_view(line: RejectedLine) -> RejectedView:
    return RejectedView(
        source=line.position.source,
        offset=line.position.offset,
        at=line.at,
        path=line.path,
        reason=line.reason,
        original=line.original,
        length=line.length,
    )
