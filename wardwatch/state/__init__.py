"""The state store: everything that changes, on one SQL engine, behind `wardwatch.ports.StateStore`."""

from collections.abc import Mapping
from pathlib import Path

from wardwatch.model.time import Clock, utc_now
from wardwatch.ports import StateStore
from wardwatch.state.settings import DEFAULTS, StateSettings

__all__ = ["StateSettings", "load_state", "open_state", "reach_state"]


def open_state(url: str, clock: Clock = utc_now, settings: StateSettings = DEFAULTS) -> StateStore:
    """Opens the state store at a SQLAlchemy URL (`sqlite:///file` or `postgresql+psycopg://user@host/name`) and brings
    its schema up to date. Raises `StoreFault` when it cannot be opened, written or understood.
    """
    # The SQL library takes a third of a second to load, which what only reads the settings need not wait for.
    from wardwatch.state.store import SqlStateStore

    return SqlStateStore.open(url, clock, settings)


def reach_state(url: str, settings: StateSettings = DEFAULTS) -> None:
    """Asks the database server for an answer and changes nothing. Raises `UserError` or `StoreFault` that says what to
    do."""
    from wardwatch.state.database import Database

    database = Database(url, utc_now, settings)
    try:
        with database.read():
            return
    finally:
        database.close()


def load_state(
    url: str,
    folder: Path,
    rows: Mapping[str, int],
    *,
    settings: StateSettings = DEFAULTS,
    replace: bool = False,
    clock: Clock = utc_now,
) -> None:
    """Fills the database at a URL with what a snapshot wrote into a folder; `rows` are those of each table.

    Raises `UserError` where it holds an installation already, unless that is to be replaced, and `StoreFault` when the
    files are not those of the snapshot. Then nothing has changed.
    """
    from wardwatch.state import copies

    copies.load_state(url, clock, settings, folder, rows, replace)
