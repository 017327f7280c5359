"""Inventory documents as CSV: one file a kind (`units.csv`, `devices.csv` ...), a strict header, an empty cell for
nothing, the members of a list separated by spaces. Cells are separated by commas, or by semicolons as Excel does in
Vietnamese."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from wardwatch.errors import DocumentError, Problem
from wardwatch.inventory.documents import KINDS, records_of
from wardwatch.inventory.places import Collected, Place
from wardwatch.inventory.yaml_files import add_record, plain
from wardwatch.model.inventory import Inventory
from wardwatch.strict_yaml import Location, nearest, read_text

_LISTS = frozenset({"successors", "tile", "networks", "addresses", "devices", "depends_on"})


def collect_csv(path: Path, into: Collected) -> None:
    """Adds the records of a file, whose name says its kind, and every problem in it."""
    file, kind = str(path), path.stem
    if kind not in KINDS:
        message = f"a CSV file is named after what it holds: unknown kind '{kind}': {nearest(kind, list(KINDS))}"
        into.problems.append(Problem(file, 0, message))
        into.unread = True
        return
    try:
        rows = _rows(read_text(path), file)
        header = next(rows, None)
        if header is None:
            raise DocumentError([Problem(file, 1, "is empty: the first line names the columns")])
        columns = _columns(header[1], kind, file)
        for number, (line, cells) in enumerate(rows):
            _add_row(kind, file, number, line, cells, columns, into)
    except DocumentError as error:
        into.problems += error.problems
        into.unread = True


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it starts on."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DocumentError([Problem(file, line, f"is not CSV: {error}")]) from None
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(header: list[str], kind: str, file: str) -> dict[str, int]:
    """Names of columns to their 1-based numbers."""
    fields: dict[str, FieldInfo] = KINDS[kind][0].model_fields
    found: dict[str, int] = {}
    problems = []
    for number, cell in enumerate(header, 1):
        name = cell.strip()
        if name not in fields:
            message = f"column {number}: unknown column '{name}': {nearest(name, list(fields))}"
            problems.append(Problem(file, 1, message))
        elif name in found:
            problems.append(Problem(file, 1, f"column {number}: '{name}' is given twice"))
        found.setdefault(name, number)
    problems += [
        Problem(file, 1, f"column '{name}' is missing")
        for name, field in fields.items()
        if field.is_required() and name not in found
    ]
    if problems:
        raise DocumentError(problems)
    return found


def _add_row(
    kind: str, file: str, number: int, line: int, cells: list[str], columns: dict[str, int], into: Collected
) -> None:
    if len(cells) != len(columns):
        message = f"has {len(cells)} cells where the header names {len(columns)}: quote cells that hold the separator"
        into.problems.append(Problem(file, line, message))
        into.broken.setdefault(kind, set()).add(cells[columns["id"] - 1] if len(cells) >= columns["id"] else "")
        return
    data: dict[str, str | list[str]] = {}
    for name, column in columns.items():
        cell = cells[column - 1].strip()
        if cell:
            data[name] = cell.split() if name in _LISTS else cell
    lines: dict[Location, int] = {(number,): line}
    add_record(kind, data, Place(file, lines, (number,), columns), into)


def write_csv(inventory: Inventory, folder: Path) -> list[Path]:
    """Writes one file a kind in UTF-8 with a byte order mark (without one Excel takes it for an old code page)."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, (_, record_type) in KINDS.items():
        path = folder / f"{kind}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in dataclasses.fields(record_type)])
            writer.writeheader()
            for record in records_of(inventory, kind):
                writer.writerow({name: _cell(value) for name, value in plain(record).items()})
        written.append(path)
    return written


def _cell(value: object) -> object:
    return " ".join(str(member) for member in value) if isinstance(value, list) else value
