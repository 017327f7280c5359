"""A real PostgreSQL for tests and benchmarks: Debian's server on a Unix socket, gone at the end of the block.

The cluster sorts by Vietnamese rules, so that whoever relies on the order of bytes is found. The server refuses to run
as the superuser: it is started as `nobody` then.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wardwatch.errors import EngineFault

START_S = 30.0
_CLUSTER = ("--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
_ORDER = ("--locale-provider=icu", "--icu-locale=vi")


def programs() -> Path | None:
    """The folder of the newest server's programs; None where none is installed."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if known:
        return known[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


@dataclass(slots=True)
class PostgresqlServer:
    """One server; `start` after `kill` comes back with the same data and socket. `settings` are lines of its
    configuration."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def port(self) -> str:
        return self.settings.get("port", "5432")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}&port={self.port}"

    def create(self, database: str, more: str = "") -> str:
        """Makes an empty database; returns its URL."""
        self.psql(f'CREATE DATABASE "{database}" {more}')
        return self.url(database)

    def psql(self, statement: str, database: str = "postgres") -> str:
        """What a statement by the superuser answers, as bare text."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", self.port, "-U", "postgres"]
        ended = subprocess.run([*command, "-d", database, "-c", statement], capture_output=True, text=True, check=False)
        if ended.returncode:
            raise EngineFault(f"PostgreSQL refused: {ended.stderr.strip()}")
        return ended.stdout.strip()

    def start(self) -> None:
        """Returns when the server answers. Raises `EngineFault` with its last words."""
        configuration = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"}
        configuration |= self.settings
        options = [part for name, value in configuration.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_unprivileged(), str(_bin() / "postgres"), "-D", str(self.folder / "data"), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """An orderly end that breaks connections (SIGINT), or one without it (SIGQUIT)."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(how)
            self._process.wait(START_S)
            self._process = None

    def kill(self) -> None:
        """Ends every process of the server at once, as a lost machine does."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            # Its own processes notice the loss by themselves, and the memory they share goes with the last of them.
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        asking = [str(_bin() / "pg_isready"), "-q", "-h", str(self.folder), "-p", self.port]
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            if subprocess.run(asking, check=False).returncode == 0:
                return
            time.sleep(0.05)
        words = (self.folder / "server.log").read_text("utf-8", "replace").strip().splitlines()[-5:]
        self.kill()
        raise EngineFault(f"PostgreSQL did not start: {' | '.join(words)}")


@contextlib.contextmanager
def postgresql_server(settings: Mapping[str, str] | None = None) -> Iterator[PostgresqlServer]:
    """A server that answers, in a folder of its own: a socket's path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="wardwatch-pg-"))
    server = PostgresqlServer(folder, settings or {})
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        _initialise(folder)
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(folder: Path) -> None:
    command = [*_unprivileged(), str(_bin() / "initdb"), "-D", str(folder / "data"), *_CLUSTER, *_ORDER]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    if ended.returncode:
        raise EngineFault(f"no PostgreSQL cluster could be made: {ended.stderr.strip()}")


def _bin() -> Path:
    found = programs()
    if found is None:
        raise EngineFault("there is no PostgreSQL to start", "install Debian's package postgresql")
    return found


def _unprivileged() -> list[str]:
    """What runs a program as nobody when we are root, and ends it when its parent is gone."""
    ends = ["setpriv", "--pdeathsig", "QUIT"]
    return [*ends, "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else ends
