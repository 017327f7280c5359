"""The record store: immutable samples and events behind `wardwatch.ports.RecordStore`."""

from pathlib import Path

from wardwatch.model.time import Clock
from wardwatch.ports import RecordStore
from wardwatch.records.embedded.store import EmbeddedRecordStore
from wardwatch.records.settings import DEFAULTS, RecordSettings

__all__ = ["RecordSettings", "open_records"]


def open_records(folder: Path, clock: Clock, settings: RecordSettings = DEFAULTS) -> RecordStore:
    """Opens the embedded record store in `folder` (made when missing).

    Raises `StoreFault` when it is locked by another process, damaged, or cannot be written.
    """
    return EmbeddedRecordStore.open(folder, clock, settings)
