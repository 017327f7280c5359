"""How the state store is reached, beyond its URL."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StateSettings:
    """For PostgreSQL; SQLite needs none of it.

    `password` is asked for at each connection, so that a changed secret is seen. `ca` is a file of the authority that
    signed the server's certificate (None: the system's): over a network the certificate must hold, on loopback and on a
    Unix socket none is asked for unless `ca` is given. A statement is ended after `statement_s`, a writer gives up its
    turn after `turn_s` of waiting for another process; at most `connections` are open.
    """

    password: Callable[[], str] | None = field(default=None, repr=False)
    ca: Path | None = None
    connections: int = 10
    connect_s: int = 5
    statement_s: float = 30.0
    turn_s: float = 10.0


DEFAULTS = StateSettings()
