"""Which records are stored already, in the hot tables or in sealed files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from wardwatch.records.embedded.database import Cursor
from wardwatch.records.embedded.manifest import files_with_offsets
from wardwatch.records.embedded.tables import TABLES, quoted

_POSITIONED = tuple(table.name for table in TABLES if table.has_positions)


def known_offsets(cursor: Cursor, sealed: Path, asked: Mapping[str, Sequence[int]]) -> dict[str, set[int]]:
    """Of the offsets asked of each source, those that are stored, as an event or as a rejected line (and others of
    the same range)."""
    known: dict[str, set[int]] = {}
    for source, offsets in asked.items():
        first, last = min(offsets), max(offsets)
        found = known.setdefault(source, set())
        for table in _POSITIONED:
            files = [str(sealed / file) for file in files_with_offsets(cursor, table, source, first, last)]
            found.update(_offsets(cursor, quoted(table), [source, first, last]))
            if files:
                found.update(_offsets(cursor, "read_parquet(?)", [files, source, first, last]))
    return known


def _offsets(cursor: Cursor, relation: str, parameters: list[object]) -> list[int]:
    rows = cursor.execute(
        f'SELECT "offset" FROM {relation} WHERE source = ? AND "offset" BETWEEN ? AND ?', parameters
    ).fetchall()
    return [offset for (offset,) in rows]
