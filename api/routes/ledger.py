"""The ledger and the refused lines, for callers of the whole city."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import Caller, Cursor, Limit, Using, Viewer
from api.paging import page
from api.schemas.base import ListPage
from api.schemas.ledger import LedgerPage, RejectedView
from api.times import day, time_range
from api.views.ledger import counts_of, drop_view, rejected_view, row_view
from wardwatch.errors import Forbidden, NotFound, UserError
from wardwatch.model.ledger import OUTCOMES, SAMPLES, Balance, RejectedQuery
from wardwatch.model.records import Position
from wardwatch.model.time import TimeRange

router = APIRouter(tags=["ledger"])

_MOST_DAYS = 100


@router.get("/ledger")
def get_ledger(
    caller: Viewer,
    using: Using,
    start: Annotated[str, Query(alias="from", description="A UTC day, or relative: `now-6d`.")] = "now-6d",
    end: Annotated[str, Query(alias="to", description="The last day, itself included.")] = "now",
    cursor: Cursor = None,
    limit: Limit = 500,
) -> LedgerPage:
    """What was read, stored, known before, rejected and dropped, by UTC day of admission, edge and source."""
    _whole_city(caller)
    first, last = day(start, using.clock()), day(end, using.clock())
    if last < first:
        raise UserError(f"the days end ({end}) before they start ({start})", "swap from and to")
    if last - first >= timedelta(days=_MOST_DAYS):
        raise UserError(f"{(last - first).days + 1} days are too many", f"ask for at most {_MOST_DAYS} at once")
    ledger = using.records.ledger(caller.scope, first, last)
    rows, following, total = page(
        ledger.rows, lambda row: (-row.day.toordinal(), row.edge, row.path, row.source), cursor, limit
    )
    return LedgerPage(
        first_day=first,
        last_day=last,
        items=[row_view(row) for row in rows],
        next=following,
        total=total,
        counts=counts_of(ledger.rows),
        out_of_balance=sum(row.balance is Balance.OUT for row in ledger.rows),
        drops=[drop_view(row) for row in ledger.drops],
    )


@router.get("/rejected")
def list_rejected(
    caller: Viewer,
    using: Using,
    source: Annotated[str | None, Query(max_length=1000, description="Lines of this source of the ledger.")] = None,
    edge: Annotated[
        str | None, Query(max_length=200, description="Whose, where the source is `samples` or `outcomes`.")
    ] = None,
    start: Annotated[str | None, Query(alias="from", description="When they were refused: RFC 3339, or `now-1h`.")] = (
        None
    ),
    end: Annotated[str, Query(alias="to")] = "now",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[RejectedView]:
    """Refused lines, newest first, each cut to its beginning."""
    _whole_city(caller)
    query = replace(_of_source(source, edge), time=_refused_in(start, end, using), limit=limit, cursor=cursor)
    found = using.records.rejected(caller.scope, query)
    return ListPage(items=[rejected_view(line) for line in found.items], next=found.next)


@router.get("/rejected/{source:path}/{offset}")
def get_rejected(
    source: str, offset: Annotated[int, Path(ge=0, lt=2**63)], caller: Viewer, using: Using
) -> RejectedView:
    """One refused line whole."""
    _whole_city(caller)
    line = using.records.rejected_line(caller.scope, Position(source, offset))
    if line is None:
        raise NotFound(f"there is no refused line {source}/{offset}", "it may be past its age")
    return rejected_view(line)


def _of_source(source: str | None, edge: str | None) -> RejectedQuery:
    """The lines of a row of the ledger. Refused samples and outcomes are kept under their edge's batches."""
    if source not in (SAMPLES, OUTCOMES):
        if edge is not None:
            raise UserError("edge goes with the sources samples and outcomes only", "leave it out")
        return RejectedQuery(source=source)
    if edge is None:
        raise UserError(f"{source} are refused edge by edge", "give edge, as the ledger names it")
    return RejectedQuery(begins=f"{edge}/")


def _refused_in(start: str | None, end: str, using: Using) -> TimeRange | None:
    if start is None and end == "now":
        return None
    return time_range(start or "1970-01-01T00:00:00Z", end, using.clock())


def _whole_city(caller: Caller) -> None:
    if caller.scope.units is not None:
        raise Forbidden("sources and refused lines belong to no unit", "ask for a role in the whole city")
