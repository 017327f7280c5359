"""The state store: everything that changes, on one SQL engine, behind `wardwatch.ports.StateStore`."""

from wardwatch.model.time import Clock, utc_now
from wardwatch.ports import StateStore
from wardwatch.state.settings import DEFAULTS, StateSettings

__all__ = ["StateSettings", "open_state"]


def open_state(url: str, clock: Clock = utc_now, settings: StateSettings = DEFAULTS) -> StateStore:
    """Opens the state store at a SQLAlchemy URL (`sqlite:///file` or `postgresql+psycopg://user@host/name`) and brings
    its schema up to date. Raises `StoreFault` when it cannot be opened, written or understood.
    """
    # The SQL library takes a third of a second to load, which what only reads the settings need not wait for.
    from wardwatch.state.store import SqlStateStore

    return SqlStateStore.open(url, clock, settings)
