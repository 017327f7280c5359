"""Import and export of the whole inventory: files and folders in, a folder of one file a kind out."""

from collections.abc import Callable, Iterable
from pathlib import Path

from wardwatch.errors import DocumentError, Problem, StoreFault
from wardwatch.inventory.csv_files import collect_csv, write_csv
from wardwatch.inventory.documents import KINDS, Record
from wardwatch.inventory.places import Collected
from wardwatch.inventory.validation import problems_between
from wardwatch.inventory.yaml_files import collect_yaml, write_yaml
from wardwatch.model.inventory import Inventory

_READERS: dict[str, Callable[[Path, Collected], None]] = {
    ".yaml": collect_yaml,
    ".yml": collect_yaml,
    ".csv": collect_csv,
}


def import_inventory(paths: Iterable[Path]) -> Inventory:
    """The inventory written in the files and folders together (YAML and CSV may be mixed; other files of a folder are
    left alone). Raises `DocumentError` with every problem, in order of file and line."""
    collected = Collected()
    for path in paths:
        for file in _files(path, collected):
            _READERS[file.suffix.lower()](file, collected)
    problems = collected.problems + problems_between(collected)
    if problems:
        raise DocumentError(sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line)))
    kinds: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
    for entry in collected.entries:
        kinds[entry.kind][entry.record.id] = entry.record
    return Inventory(**kinds)  # type: ignore[arg-type]  # each kind's values come from its own document model


def export_inventory(inventory: Inventory, folder: Path, as_csv: bool = False) -> list[Path]:
    """Writes one file a kind into a folder, which is made if it is missing; returns the files."""
    try:
        return write_csv(inventory, folder) if as_csv else write_yaml(inventory, folder)
    except OSError as error:
        raise StoreFault(f"{folder}: the inventory cannot be written: {error.strerror}", "check the folder") from None


def _files(path: Path, collected: Collected) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in _READERS)
        if not found:
            collected.problems.append(Problem(str(path), 0, "holds no YAML or CSV file"))
        return found
    if path.suffix.lower() not in _READERS:
        message = "is neither .yaml, .yml nor .csv" if path.exists() else "there is no such file or folder"
        collected.problems.append(Problem(str(path), 0, message))
        collected.unread = True
        return []
    return [path]
