"""Listens where Suricata writes its events into a Unix socket (`filetype: unix_stream` or `unix_dgram`).

Lines that come this way exist nowhere else, so they are made durable at once, in a journal. When the journal or its
disk is full, streams are not read any more: a live Suricata then drops events itself, and says how many in its log when
it ends. Datagrams are taken all the same, as their queue is short; what finds no room is dropped and counted here. The
kernel drops none of them (and has nothing to count by SO_RXQ_OVFL): a writer that finds the queue full
(`net.unix.max_dgram_qlen`) is refused.
"""

import asyncio
import contextlib
import logging
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from collectors.suricata.ecs import MAX_LINE_BYTES
from collectors.suricata.eve_gather import LineGatherer
from collectors.suricata.eve_lines import LineSplitter
from wardwatch.errors import UserError

log = logging.getLogger(__name__)

DROPPED = "eve_datagram"
_PIECE_BYTES = 256 * 1024
_PIECES = 4
_DATAGRAMS = 1000


@dataclass(frozen=True, slots=True)
class EveSocketSettings:
    """Where it listens: two paths, for a socket is of one kind."""

    stream: Path
    datagram: Path
    mode: int = 0o660
    max_connections: int = 64


class EveSocket:
    """Takes lines from several writers; what a writer leaves unfinished when it goes is a line, too."""

    def __init__(self, settings: EveSocketSettings, lines: LineGatherer) -> None:
        self._settings = settings
        self._lines = lines
        self._sockets: list[socket.socket] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._connections: dict[asyncio.Task[None], tuple[socket.socket, LineSplitter]] = {}
        self.turned_away = 0

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def __aenter__(self) -> Self:
        """Raises `UserError` where a socket cannot be made."""
        stream = self._bound(self._settings.stream, socket.SOCK_STREAM)
        stream.listen(self._settings.max_connections)
        datagram = self._bound(self._settings.datagram, socket.SOCK_DGRAM)
        self._tasks = [
            asyncio.create_task(self._accept(stream), name="eve-stream"),
            asyncio.create_task(self._take_datagrams(datagram), name="eve-datagrams"),
            asyncio.create_task(self._lines.run(), name="eve-journal"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes what was written to us so far, makes it durable, and leaves."""
        await _cancelled([*self._tasks, *self._connections])
        for connection, splitter in self._connections.values():
            with contextlib.suppress(OSError):
                self._lines.hold(_received(connection, splitter)[0])
            self._end(connection, splitter)
        self._connections.clear()
        for each in self._sockets:
            if each.type == socket.SOCK_DGRAM:
                self._hold_datagrams(each)
            each.close()
        await self._lines.finish()
        for path in (self._settings.stream, self._settings.datagram):
            path.unlink(missing_ok=True)

    async def wait(self) -> None:
        """Runs until a part of it fails; its error is raised."""
        await asyncio.gather(*self._tasks)

    def _bound(self, path: Path, kind: socket.SocketKind) -> socket.socket:
        """A socket at the path, in place of one that nobody listens on any more."""
        if path.exists() and not stat.S_ISSOCK(path.lstat().st_mode):
            raise UserError(f"{path}: is no socket, and stands where Suricata's is to be", "move it away")
        listening = socket.socket(socket.AF_UNIX, kind)
        listening.setblocking(False)
        before = os.umask(0o777 & ~self._settings.mode)
        try:
            path.unlink(missing_ok=True)
            listening.bind(str(path))
        except OSError as error:
            listening.close()
            raise UserError(
                f"{path}: Suricata's socket cannot be made: {error.strerror or error}",
                "the folder must be writable for wardwatch, and the path shorter than 108 bytes",
            ) from None
        finally:
            os.umask(before)
        self._sockets.append(listening)
        return listening

    async def _accept(self, listening: socket.socket) -> None:
        while True:
            await _readable(listening)
            with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
                self._serve(listening.accept()[0])

    def _serve(self, connection: socket.socket) -> None:
        if len(self._connections) >= self._settings.max_connections:
            self.turned_away += 1
            log.error("too many connections path=%s turned_away=%d", self._settings.stream, self.turned_away)
            connection.close()
            return
        connection.setblocking(False)
        splitter = LineSplitter()
        task = asyncio.create_task(self._take_stream(connection, splitter), name="eve-connection")
        self._connections[task] = (connection, splitter)
        task.add_done_callback(self._forget)
        log.info("sensor connected connections=%d", len(self._connections))

    def _forget(self, task: asyncio.Task[None]) -> None:
        """A connection that was cancelled is one of a stop: what it still holds is taken there."""
        if not task.cancelled() and self._connections.pop(task, None) is not None:
            log.info("sensor disconnected connections=%d", len(self._connections))

    async def _take_stream(self, connection: socket.socket, splitter: LineSplitter) -> None:
        ended = False
        while not ended:
            await self._lines.room()
            await _readable(connection)
            try:
                lines, ended = _received(connection, splitter)
            except OSError as error:
                log.warning("eve connection broken reason=%s", error.strerror)
                lines, ended = [], True
            self._lines.hold(lines)
        self._end(connection, splitter)

    def _end(self, connection: socket.socket, splitter: LineSplitter) -> None:
        if rest := splitter.rest():
            self._lines.hold([rest])
        connection.close()

    async def _take_datagrams(self, listening: socket.socket) -> None:
        while True:
            await _readable(listening)
            self._hold_datagrams(listening)

    def _hold_datagrams(self, listening: socket.socket) -> None:
        """A datagram is a line, its end included, or several."""
        for _ in range(_DATAGRAMS):
            try:
                datagram = listening.recv(2 * MAX_LINE_BYTES)
            except BlockingIOError:
                return
            self._lines.hold_or_drop(datagram.removesuffix(b"\n").split(b"\n"), DROPPED)


def _received(connection: socket.socket, splitter: LineSplitter) -> tuple[list[bytes], bool]:
    """Lines that are there, a bounded number, and whether the writer has gone. Raises `OSError`."""
    lines: list[bytes] = []
    for _ in range(_PIECES):
        try:
            piece = connection.recv(_PIECE_BYTES)
        except BlockingIOError:
            return lines, False
        if not piece:
            return lines, True
        lines += splitter.feed(piece)
    return lines, False


async def _readable(listening: socket.socket) -> None:
    """Waits for something to read, and takes nothing: whoever is cancelled here has lost nothing."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listening, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(listening)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
