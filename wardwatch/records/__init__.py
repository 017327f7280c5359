"""The record store: immutable samples and events behind `wardwatch.ports.RecordStore`."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from wardwatch.model.time import Clock
from wardwatch.ports import RecordStore, ShippingBooks
from wardwatch.records.elastic.settings import ElasticSettings
from wardwatch.records.settings import DEFAULTS, RecordSettings

__all__ = ["ElasticSettings", "RecordSettings", "load_records", "open_records"]


def open_records(
    folder: Path,
    clock: Clock,
    settings: RecordSettings | ElasticSettings = DEFAULTS,
    books: ShippingBooks | None = None,
) -> RecordStore:
    """Opens the record store of the settings' engine: the embedded one in `folder` (made when missing), which keeps its
    own books, or Elasticsearch with its `books` in the state store.

    Raises `StoreFault` when it is locked by another process, damaged, away or cannot be written.
    """
    # Half a second of imports each, which only an installation with that engine needs.
    if isinstance(settings, RecordSettings):
        from wardwatch.records.embedded.store import EmbeddedRecordStore

        return EmbeddedRecordStore.open(folder, clock, settings)
    if books is None:
        raise ValueError("Elasticsearch has no transactions: give the state store's books")
    from wardwatch.records.elastic.store import ElasticRecordStore

    return ElasticRecordStore.open(settings, books, clock)


def load_records(
    folder: Path,
    rows: Mapping[str, int],
    target: Path,
    clock: Clock,
    settings: RecordSettings | ElasticSettings = DEFAULTS,
    *,
    replace: bool = False,
) -> None:
    """Brings back what a snapshot of the same engine wrote into `folder`: the embedded store's into the folder
    `target`, which is not there yet. `rows` are those of each table or index.

    Raises `UserError` where Elasticsearch holds records already, unless they are to be replaced, and `StoreFault` when
    not everything is there afterwards.
    """
    if isinstance(settings, RecordSettings):
        shutil.copytree(folder, target)
        open_records(target, clock, settings).close()
        return
    from wardwatch.records.elastic.loading import load_elastic

    load_elastic(settings, folder, rows, replace)
