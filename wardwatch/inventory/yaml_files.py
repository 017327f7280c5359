"""Inventory documents as YAML files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from wardwatch.errors import DocumentError, Problem
from wardwatch.inventory.documents import KINDS, Record, records_of, value_of
from wardwatch.inventory.places import Collected, Entry, Place
from wardwatch.model.inventory import Inventory
from wardwatch.strict_yaml import check, nearest, read, read_text


def collect_yaml(path: Path, into: Collected) -> None:
    """Adds the records of a file, and every problem in it."""
    file = str(path)
    try:
        data, lines = read(read_text(path), file)
    except DocumentError as error:
        into.problems += error.problems
        into.unread = True
        return
    if not isinstance(data, dict):
        into.problems.append(Problem(file, 1, f"must be keys with lists of records: {', '.join(KINDS)}"))
        into.unread = True
        return
    for kind, records in data.items():
        line = lines.get((kind,), 1)
        if kind not in KINDS:
            into.problems.append(Problem(file, line, f"unknown key '{kind}': {nearest(str(kind), list(KINDS))}"))
        elif not isinstance(records, list):
            into.problems.append(Problem(file, line, f"'{kind}' must be a list of records, each starting with '- id:'"))
        else:
            for index, record in enumerate(records):
                add_record(kind, record, Place(file, lines, (kind, index)), into)


def add_record(kind: str, data: Any, place: Place, into: Collected) -> None:
    """Checks one record by itself and adds it, or its problems."""
    document, problems = check(data, KINDS[kind][0], place.lines, place.file, place.at, place.name)
    if document is not None:
        into.entries.append(Entry(kind, value_of(kind, document), place))
        return
    ident = data.get("id") if isinstance(data, dict) else None
    into.broken.setdefault(kind, set()).add(str(ident))
    named = f"{kind}: '{ident}': " if isinstance(ident, str) else f"{kind}: "
    into.problems += [Problem(problem.file, problem.line, named + problem.message) for problem in problems]


def write_yaml(inventory: Inventory, folder: Path) -> list[Path]:
    """Writes one file a kind, empty kinds too, so that an older file never comes back at the next import."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in KINDS:
        path = folder / f"{kind}.yaml"
        document = {kind: [plain(record) for record in records_of(inventory, kind)]}
        path.write_text(dump(document), encoding="utf-8")
        written.append(path)
    return written


def dump(document: Mapping[str, Any]) -> str:
    """YAML as people write it: keys in the model's order, letters as they are."""
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)


def plain(record: Record) -> dict[str, Any]:
    """A record's keys that say something: what is empty or None is left out."""
    found: dict[str, Any] = {}
    for name in type(record).__slots__:
        value = getattr(record, name)
        if isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, str):
            value = str(value)
        if value is not None and value != []:
            found[name] = value
    return found
