"""Lines into a store as the product moves them: one process maps and ships, this one decodes and stores.

The frames are those of `wardwatch.shipping`, on a socket between the two; while one batch is being stored the next one
is mapped, never more.
"""

import multiprocessing
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from collectors.suricata.generation import Line
from collectors.suricata.mapper import EveMapper
from wardwatch.demo.city import build_city
from wardwatch.errors import TransportFault
from wardwatch.garbage import look_seldom, looking_seldom
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.access import Actor
from wardwatch.model.records import Batch, Position
from wardwatch.shipping.messages import Ship, frame_of, request_of

_LENGTH = struct.Struct(">I")
_CPU = struct.Struct(">d")
_READY, _STORED = b"r", b"s"


class Appends(Protocol):
    """What is measured of a store."""

    def append(self, actor: Actor, batch: Batch) -> object: ...


@dataclass(frozen=True, slots=True)
class Work:
    """What is moved: lines of one source, so many a batch, enriched with the demo city of `seed` as of `now`."""

    source: str
    lines: Sequence[bytes]
    batch_lines: int
    seed: int
    now: datetime


def measured(store: Appends, work: Work, clock: Callable[[], float] = time.perf_counter) -> dict[str, object]:
    """The figures of `work`: wall time from the first line to the last durable append, and the CPU time of either
    process a line (microseconds): mapping with encoding, and decoding with storing.

    Raises `TransportFault` when the mapping process ends early.
    """
    ours, theirs = socket.socketpair()
    # A fresh process, not a fork: this one has the threads of DuckDB and of clients.
    edge = multiprocessing.get_context("spawn").Process(target=_edge, args=(theirs, work), daemon=True)
    with ours:
        with theirs:
            edge.start()
        try:
            with looking_seldom():
                return _core(ours, store, work, clock)
        finally:
            edge.join(10)
            edge.kill()


def positioned(lines: Sequence[bytes], source: str, first: int) -> list[Line]:
    """Lines as a tail hands them on; a line's number stands for its offset."""
    return [Line(Position(source, offset), data) for offset, data in enumerate(lines, start=first)]


def _core(line: socket.socket, store: Appends, work: Work, clock: Callable[[], float]) -> dict[str, object]:
    actor = Actor.system("bench")
    _received(line, len(_READY))
    line.sendall(_READY)
    started, used = clock(), time.process_time()
    for _ in range(0, len(work.lines), work.batch_lines):
        (length,) = _LENGTH.unpack(head := _received(line, _LENGTH.size))
        request = request_of(head + _received(line, length))
        if not isinstance(request, Ship):
            raise TransportFault(f"the mapping process sent {type(request).__name__}")
        store.append(actor, request.batch)
        line.sendall(_STORED)
    wall_s, used = clock() - started, time.process_time() - used
    (mapped,) = _CPU.unpack(_received(line, _CPU.size))
    return {
        "events_per_s": round(len(work.lines) / wall_s),
        "map_cpu_us": round(mapped / len(work.lines) * 1e6, 1),
        "store_cpu_us": round(used / len(work.lines) * 1e6, 1),
    }


def _edge(line: socket.socket, work: Work) -> None:
    look_seldom()
    mapper = EveMapper(locate=Addresses(build_city(work.seed)).locate, clock=lambda: work.now)
    line.sendall(_READY)
    _received(line, len(_READY))
    used = time.process_time()
    waiting = 0
    for sequence, start in enumerate(range(0, len(work.lines), work.batch_lines), start=1):
        lines = positioned(work.lines[start : start + work.batch_lines], work.source, start)
        events, rejected = mapper.map(lines)
        read = {work.source: len(lines)}
        batch = Batch(work.source, "1", sequence, events=tuple(events), rejected=tuple(rejected), read=read)
        frame = frame_of(Ship(batch))
        if waiting:
            _received(line, waiting)
        line.sendall(frame)
        waiting = len(_STORED)
    _received(line, waiting)
    line.sendall(_CPU.pack(time.process_time() - used))


def _received(line: socket.socket, size: int) -> bytes:
    """Exactly so many bytes."""
    pieces: list[bytes] = []
    while size:
        piece = line.recv(size, socket.MSG_WAITALL)
        if not piece:
            raise TransportFault("the other process of the benchmark ended early")
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
