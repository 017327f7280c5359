"""An `EventQuery` in the server's query language: every key is one of ours, every value is what its field can hold."""

import ipaddress
import re
from typing import Any

from wardwatch.ecs import folded
from wardwatch.errors import UserError
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.time import TimeRange
from wardwatch.records.elastic.mappings import AT, BOOLEANS, FIELDS, NUMBERS, SEARCHED
from wardwatch.records.problems import FIRST_TIME, LAST_TIME
from wardwatch.records.questions import ADDRESSES, UNITS, checked_key

Clause = dict[str, Any]

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_WILD = re.compile(r"([\\*?])")


def where(scope: Scope, query: EventQuery) -> list[Clause]:
    """What an event must be to answer the query in that scope. Raises `UserError` for a key that is not indexed."""
    clauses = [in_time(query.time, AT), *in_scope(scope, FIELDS[UNITS])]
    clauses += [any_of(key, allowed) for key, allowed in query.filters.items()]
    if query.text and query.text.strip():
        sought = _WILD.sub(r"\\\1", folded(query.text.strip()))
        clauses.append({"wildcard": {SEARCHED: {"value": f"*{sought}*"}}})
    return clauses


def in_time(time: TimeRange, field: str = "@timestamp") -> Clause:
    """The half-open range, within what the server can hold."""
    start, end = (min(max(at, FIRST_TIME), LAST_TIME).isoformat() for at in (time.start, time.end))
    return {"range": {field: {"gte": start, "lt": end}}}


def in_scope(scope: Scope, field: str) -> list[Clause]:
    """Records of any unit in sight; those of no unit are seen with the whole city only."""
    return [] if scope.units is None else [{"terms": {field: sorted(scope.units)}}]


def any_of(key: str, allowed: tuple[str, ...]) -> Clause:
    """Events that have one of the values under the key; a value its field cannot hold is in none."""
    return {"terms": {field_of(key): [value for value in allowed if _can_hold(key, value)]}}


def field_of(key: str) -> str:
    """The field that answers a key. Raises `UserError` for one that is not indexed."""
    field = FIELDS.get(checked_key(key))
    if field is None:
        raise UserError(
            f"events are not indexed by {key!r} in Elasticsearch", f"these keys are: {', '.join(sorted(FIELDS))}"
        )
    return field


def _can_hold(key: str, value: str) -> bool:
    if key in ADDRESSES:
        return _is_address(value)
    if key in NUMBERS:
        return _NUMBER.fullmatch(value) is not None and -(2**63) <= int(value) < 2**63
    return key not in BOOLEANS or value in ("true", "false")


def _is_address(value: str) -> bool:
    try:
        return "%" not in str(ipaddress.ip_address(value))
    except ValueError:
        return False
