"""What of a data folder goes into a backup, what is loaded from a snapshot, and what stays."""

from pathlib import Path

from wardwatch.settings import DataFolder

JOURNAL, RECORDS, STATE, FILES = "journal", "records", "state", "files"
"""The parts of a backup."""
REPLACED = "replaced-"
"""What a restore has put aside begins so."""
_STAYS = ("eve", "logs", "lock")
_OF_STORES = ("records", "journal")


def plain_entries(data: DataFolder) -> list[Path]:
    """Files and folders that are copied as they are: settings, secrets, rules, drills, and what people put there."""
    return [path for path in _entries(data) if not _is_of_store(path)]


def replaceable_entries(data: DataFolder) -> list[Path]:
    """What a restore puts aside: all but the sensor's own files, logs, and what earlier restores put aside."""
    return _entries(data)


def is_in_use(data: DataFolder) -> bool:
    """Whether the folder holds an installation."""
    return any(_is_of_store(path) for path in _entries(data))


def _entries(data: DataFolder) -> list[Path]:
    if not data.root.is_dir():
        return []
    return [
        path
        for path in sorted(data.root.iterdir())
        if path.name not in _STAYS
        and path != data.restoring
        and not path.name.startswith(REPLACED)
        and (path.is_dir() or path.is_file())
    ]


def _is_of_store(path: Path) -> bool:
    return path.name in _OF_STORES or path.name.startswith("state.sqlite")
