"""Opaque cursors of pages, and the scope of a thing that belongs to several units."""

import base64
import binascii
import json
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Table, false, select, true

from wardwatch.errors import UserError
from wardwatch.model.access import Scope

MAX_PAGE = 1000


def page_size(limit: int) -> int:
    """A limit as it is kept."""
    return max(1, min(limit, MAX_PAGE))


def write_cursor(at: datetime, key: str) -> str:
    """A cursor after the row of that time and key."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The row a cursor stands after; raises `UserError` for one that is not ours."""
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at).astimezone(UTC), str(key)
    except (ValueError, TypeError, binascii.Error):
        raise UserError(f"{cursor!r} is no cursor of this list", "start again from the first page") from None


def in_scope(scope: Scope, unit: ColumnElement[str]) -> ColumnElement[bool]:
    """Rows of one unit: those whose unit is in sight."""
    return true() if scope.units is None else unit.in_(sorted(scope.units)) if scope.units else false()


def shares_unit(scope: Scope, key: ColumnElement[str], owner: ColumnElement[str], units: Table) -> ColumnElement[bool]:
    """Rows of several units, which stand in a table beside (`owner`, `unit`): those with any unit in sight."""
    if scope.units is None:
        return true()
    return key.in_(select(owner).where(in_scope(scope, units.c.unit)))
