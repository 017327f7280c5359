"""An `EventQuery` as SQL: keys are validated words, values are always bound."""

from dataclasses import dataclass

from wardwatch.ecs import folded, in_line
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventQuery
from wardwatch.records.embedded.manifest import naive
from wardwatch.records.embedded.tables import FIELDS, TIME
from wardwatch.records.questions import ADDRESSES, UNITS, address_forms, checked_key

_STRINGS = '["VARCHAR"]'
_LINE = "CASE WHEN starts_with(dataset, 'suricata.') AND json_valid(original) THEN original END"


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of SQL and what its question marks stand for."""

    sql: str
    parameters: tuple[object, ...] = ()

    def __and__(self, other: "Clause") -> "Clause":
        return Clause(f"{self.sql} AND {other.sql}", self.parameters + other.parameters)


def where(scope: Scope, query: EventQuery) -> Clause:
    """What an event must be to answer the query in that scope. Raises `UserError` for a key that is no dotted word."""
    clause = Clause(
        f"namespace = ? AND {TIME} >= ? AND {TIME} < ?",
        (query.namespace, naive(query.time.start), naive(query.time.end)),
    )
    clause &= in_scope(scope)
    for key, allowed in query.filters.items():
        clause &= _allowed(key, allowed)
    if query.text and query.text.strip():
        clause &= Clause("contains(searchable, ?)", (folded(query.text.strip()),))
    return clause


def in_scope(scope: Scope) -> Clause:
    """Events of any unit in sight; those of no unit are seen with the whole city only."""
    return Clause("TRUE") if scope.units is None else Clause("list_has_any(units, ?)", (sorted(scope.units),))


def _allowed(key: str, allowed: tuple[str, ...]) -> Clause:
    if key in ADDRESSES:
        allowed = tuple(form for address in allowed for form in address_forms(address))
    if key == UNITS:
        return Clause("list_has_any(units, ?)", (list(allowed),))
    if key in FIELDS:
        return Clause(f"list_contains(?, {FIELDS[key]})", (list(allowed),))
    text, path = _place(key)
    # A key with several values matches when any of them does, as in a search engine.
    return Clause(
        f"CASE WHEN json_type({text}, ?) = 'ARRAY'"
        f" THEN list_has_any(from_json(json_extract({text}, ?), '{_STRINGS}'), ?)"
        f" ELSE list_contains(?, json_extract_string({text}, ?)) END",
        (path, path, list(allowed), list(allowed), path),
    )


def values_of(key: str) -> Clause:
    """The values of an ECS key, each once, as a list to unnest; one NULL where the event has none."""
    if key == UNITS:
        return Clause("CASE WHEN len(units) > 0 THEN list_distinct(units) ELSE [NULL] END")
    if key in FIELDS:
        return Clause(f"[{FIELDS[key]}]")
    text, path = _place(key)
    return Clause(
        f"CASE WHEN json_type({text}, ?) = 'ARRAY'"
        f" THEN coalesce(nullif(list_distinct(from_json(json_extract({text}, ?), '{_STRINGS}')), []), [NULL])"
        f" ELSE [json_extract_string({text}, ?)] END",
        (path,) * 3,
    )


def _place(key: str) -> tuple[str, str]:
    """The JSON text that a key is read from, as SQL, and its path there."""
    left = in_line(checked_key(key))
    return ("document", json_path(key)) if left is None else (_LINE, json_path(left))


def json_path(key: str) -> str:
    """The JSON path of a dotted ECS key. Raises `UserError` for one that is no dotted word."""
    return "$" + "".join(f'."{part}"' for part in checked_key(key).split("."))
