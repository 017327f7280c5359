"""The state store: everything that changes, on one SQL engine, behind `wardwatch.ports.StateStore`."""

from wardwatch.model.time import Clock, utc_now
from wardwatch.ports import StateStore
from wardwatch.state.store import SqlStateStore

__all__ = ["open_state"]


def open_state(url: str, clock: Clock = utc_now) -> StateStore:
    """Opens the state store at a SQLAlchemy URL (`sqlite:///file` or `postgresql+driver://...`) and brings its schema
    up to date. Raises `StoreFault` when it cannot be opened, written or understood.
    """
    return SqlStateStore.open(url, clock)
