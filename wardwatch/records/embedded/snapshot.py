"""The whole embedded store as files: the table file as it was at one instant, and the sealed files that it lists.

The instant is that of a read transaction, so that appends, seals and retention go on while it is written. Sealed files
never change; a second name keeps each of them until it is copied, even when retention takes its first name away.
"""

import os
import shutil
import uuid
from contextlib import ExitStack
from pathlib import Path

from wardwatch.errors import StoreFault
from wardwatch.records.embedded.database import Cursor, Database
from wardwatch.records.embedded.sealer import sync
from wardwatch.records.embedded.tables import TABLES, quoted

KEPT = "kept-"
"""How folders begin in which sealed files have their second names."""
_DOING = "taking a snapshot of"
_TRIES = 4


class EmbeddedSnapshot:
    """`wardwatch.ports.Snapshot` of the embedded store: `hot.duckdb` and `sealed/`, as they are restored."""

    def __init__(self, database: Database, folder: Path, hot: str, sealed: str) -> None:
        self._database = database
        self._hot = hot
        self._sealed = sealed
        self._kept = folder / f"{KEPT}{uuid.uuid4().hex}"
        self._held = ExitStack()
        self._held.callback(shutil.rmtree, self._kept, ignore_errors=True)
        self._take(folder / sealed)

    def write(self, folder: Path) -> dict[str, int]:
        hot, sealed = folder / self._hot, folder / self._sealed
        with self._database.faults(_DOING):
            with self._database.attached(self._cursor, hot) as name:
                self._cursor.execute(f"COPY FROM DATABASE {self._database.name} TO {name}")
                rows = {table.name: _count(self._cursor, table.name) for table in TABLES}
                self._cursor.execute("COMMIT")
            sync(hot)
            sealed.mkdir()
            for file in sorted(self._kept.iterdir()):
                shutil.copyfile(file, sealed / file.name)
                sync(sealed / file.name)
            sync(sealed)
        return rows

    def close(self) -> None:
        self._held.close()

    def _take(self, sealed: Path) -> None:
        """Begins the transaction and gives the files it lists their second names; once more where retention was
        quicker."""
        for _ in range(_TRIES):
            held = ExitStack()
            try:
                self._cursor = held.enter_context(self._database.held(_DOING))
                self._keep(sealed)
            except FileNotFoundError:
                held.close()
                continue
            except BaseException:
                held.close()
                self.close()
                raise
            self._held.push(held)
            return
        self.close()
        raise StoreFault(f"{_DOING} the record store failed: a sealed file is missing", "see its log for the name")

    def _keep(self, sealed: Path) -> None:
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        for (file,) in self._cursor.execute("SELECT file FROM manifest WHERE NOT leaving").fetchall():
            os.link(sealed / file, self._kept / file)


def forget_kept(folder: Path) -> None:
    """Takes away the second names that an interrupted snapshot has left."""
    for kept in folder.glob(f"{KEPT}*"):
        shutil.rmtree(kept, ignore_errors=True)


def _count(cursor: Cursor, table: str) -> int:
    """Rows in the hot table and in sealed files."""
    found = cursor.execute(
        f"SELECT (SELECT count(*) FROM {quoted(table)})"
        " + (SELECT coalesce(sum(row_count), 0) FROM manifest WHERE table_name = ? AND NOT leaving)",
        [table],
    ).fetchone()
    return int(found[0]) if found else 0
