"""The SQL engine: reads on a snapshot, writes one at a time with their audit entry, errors in the store's own words."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.state import AuditEntry
from wardwatch.model.time import Clock
from wardwatch.state import dialects, tables
from wardwatch.state.chain import canonical, linked
from wardwatch.state.settings import DEFAULTS, StateSettings
from wardwatch.state.tables import storable

_HINTS = {
    "database or disk is full": "free space on its disk; nothing that was acknowledged is lost",
    "locked": "another process is writing it: stop that one, or ask it through its control socket",
    "malformed": "the file is damaged: restore it from a backup",
    "not a database": "the file is damaged or something else: restore it from a backup",
    "readonly": "check the owner and the rights of the file and its folder",
    "unable to open": "check that its folder exists and belongs to this user",
    "audit chain is append-only": "entries of the audit chain are never changed",
    "No space left on device": "free space on the database server's disk; nothing that was acknowledged is lost",
    "lock timeout": "another process keeps its turn to write: see pg_stat_activity, and try again",
    "statement timeout": "the database server is overloaded or stuck: see pg_stat_activity",
    "password authentication failed": "check state.url and the secret of state.password in settings.yaml",
    "no password supplied": "name the secret of the password: state.password in settings.yaml",
    "does not exist": "make the database and its role: see PostgreSQL in docs/operations.md",
    "permission denied": "the role must own the database: see PostgreSQL in docs/operations.md",
    "certificate": "check state.url and state.ca in settings.yaml: the name and the authority of the certificate",
    "SSL": "the server must speak TLS over a network: see PostgreSQL in docs/operations.md",
    "read-only transaction": "this server is a standby: name the primary one in state.url of settings.yaml",
    "connection slots": "raise the server's max_connections, or lower state.connections in settings.yaml",
    "too many clients": "raise the server's max_connections, or lower state.connections in settings.yaml",
    "QueuePool limit": "all connections are busy: the database server is slow, or raise state.connections",
    "connection": "the database server is away or was restarted; the next call connects again",
}
"""What to do about it, by the first sign found in the engine's words."""


class Write:
    """A write transaction: its connection, and the audit entries that go with it."""

    def __init__(self, connection: Connection, actor: Actor, clock: Clock) -> None:
        self.connection = connection
        self._actor = actor
        self._clock = clock

    @property
    def now(self) -> datetime:
        """The instant by the store's clock."""
        return self._clock()

    def audit(
        self, action: str, subject: str, detail: Mapping[str, Any] | None = None, units: Iterable[str] = ()
    ) -> AuditEntry:
        """Adds an entry to the chain; `units` are those whose scope may see it (none: the whole city's only)."""
        head = self.connection.execute(select(tables.audit_head.c.sequence, tables.audit_head.c.hash)).one()
        # The hash covers what will be read.
        actor = Actor(storable(self._actor.name), self._actor.address and storable(self._actor.address))
        action, subject = storable(action), storable(subject)
        entry = linked(head.sequence + 1, head.hash, self._clock(), actor, action, subject, detail or {})
        self.connection.execute(insert(tables.audit_entry).values(row_of(entry)))
        seen_by = [{"sequence": entry.sequence, "unit": unit} for unit in sorted(set(units))]
        if seen_by:
            self.connection.execute(insert(tables.audit_unit), seen_by)
        self.connection.execute(update(tables.audit_head).values(sequence=entry.sequence, hash=entry.hash))
        return entry


class Database:
    """One SQL database. Threads share it; each call has a connection of its own."""

    def __init__(self, url: str, clock: Clock, settings: StateSettings = DEFAULTS) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._own = threading.local()
        try:
            parsed = make_url(url)
            self._engine = dialects.engine_of(parsed, settings)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise UserError(
                f"the state store's address cannot be used: {error}",
                "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
            ) from None
        except OSError as error:
            raise StoreFault(f"the folder of the state store cannot be made: {error}") from None
        self._name = parsed.render_as_string(hide_password=True)

    def migrate(self) -> None:
        """Brings the schema up to date, in one transaction. Raises `StoreFault` for one that is newer."""
        with self.faults(), self.writing() as connection:
            dialects.take_schema_turn(connection)
            move_schema(connection, command.upgrade, "head")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on one snapshot; inside `together` its transaction, which sees what was written there."""
        if (own := self._together()) is not None:
            with self.faults():
                yield own
            return
        with self.faults(), self._engine.connect() as connection:
            reading = dialects.snapshot(connection)
            with reading.begin():
                yield reading

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Write]:
        """A transaction that commits at the end of the block with its audit entries; any error undoes both. Inside
        `together` it commits with the whole."""
        if (own := self._together()) is not None:
            with self.faults(), own.begin_nested():
                yield Write(own, actor, self._clock)
            return
        with self._turn_to_write() as connection:
            yield Write(connection, actor, self._clock)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes one transaction of all that this thread writes in the block; any error undoes it all."""
        with self._turn_to_write() as connection:
            self._own.connection = connection
            try:
                yield
            finally:
                del self._own.connection

    def close(self) -> None:
        self._engine.dispose()

    def _together(self) -> Connection | None:
        return getattr(self._own, "connection", None)

    @contextmanager
    def _turn_to_write(self) -> Iterator[Connection]:
        with self._turn, self.faults(), self.writing() as connection:
            connection.execute(select(tables.audit_head.c.sequence).with_for_update())
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that takes its turn on SQLite only, and tells the audit chain nothing."""
        with self._engine.connect() as connection:
            writing = connection.execution_options(**{dialects.WRITES: True})
            with writing.begin():
                yield writing

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Errors of the engine become `StoreFault` with what may help."""
        try:
            yield
        except SQLAlchemyError as error:
            words = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
            hint = next((hint for sign, hint in _HINTS.items() if sign in words), None)
            lost = isinstance(error, DBAPIError) and error.connection_invalidated
            failed = "lost its connection" if lost else "failed"
            raise StoreFault(f"the state store {self._name} {failed}: {words}", hint) from error


def move_schema(connection: Connection, way: Callable[[Config, str], None], revision: str) -> None:
    """Alembic's `upgrade` or `downgrade` to a revision, in the connection's transaction. Raises `StoreFault` for a
    revision that this version does not know."""
    # Alembic tells of each opening at INFO; only its warnings are news.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", "wardwatch.state:migrations")
    config.attributes["connection"] = connection
    try:
        way(config, revision)
    except CommandError as error:
        newest = ScriptDirectory.from_config(config).get_current_head()
        raise StoreFault(
            f"the state store was written by another version, this one knows schemas up to {newest}: {error}",
            "use the version that wrote it, or a newer one",
        ) from None


def row_of(entry: AuditEntry) -> dict[str, Any]:
    """An entry as its row; `detail` is text, so that no engine reorders what the hash covers."""
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "actor": entry.actor,
        "address": entry.address,
        "action": entry.action,
        "subject": entry.subject,
        "detail": canonical(entry.detail),
        "previous": entry.previous,
        "hash": entry.hash,
    }
