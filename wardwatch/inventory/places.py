"""Where each record was written, so that a problem found later still names file, line and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wardwatch.errors import Problem
from wardwatch.inventory.documents import Record
from wardwatch.strict_yaml import Location, dotted


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record stands: `lines` are those of its file, `at` its location among them; `columns` (1-based, by
    name) when the file is a table."""

    file: str
    lines: Mapping[Location, int]
    at: Location
    columns: Mapping[str, int] = field(default_factory=dict)

    def problem(self, key: str, message: str, index: int | None = None) -> Problem:
        """A problem with the value of a key (of its list, the member at `index`)."""
        exact: Location = (*self.at, key) if index is None else (*self.at, key, index)
        line = next((self.lines[at] for at in (exact, (*self.at, key), self.at) if at in self.lines), 0)
        return Problem(self.file, line, f"'{self.name((key,))}': {message}")

    def name(self, location: Location) -> str:
        """How a place inside the record is called: by its keys, in a table with the number of the column."""
        column = self.columns.get(str(location[0])) if location else None
        return dotted(location) + (f" (column {column})" if column else "")

    def __str__(self) -> str:
        return f"{self.file}:{self.lines.get(self.at, 0)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record that holds its own rules, and where it was written."""

    kind: str
    record: Record
    place: Place


@dataclass(slots=True)
class Collected:
    """What was read so far. `broken` are the ids of records with problems of their own, by kind: others that name
    them are not wrong for that. `unread` is set when a whole file was lost."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    broken: dict[str, set[str]] = field(default_factory=dict)
    unread: bool = False
