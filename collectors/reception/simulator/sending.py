"""Sends datagrams at a steady rate from the addresses of devices."""

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

TICK_S = 0.004


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent, whither, from which addresses of this machine in turn, how many a second, and for how long (None:
    until stopped)."""

    datagrams: Sequence[bytes]
    to: tuple[str, int]
    sources: tuple[str, ...]
    per_s: float
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """How many were sent, and in which time; `failed` ones the system did not take."""

    count: int
    failed: int
    seconds: float


def send(sending: Sending, stop: threading.Event | None = None) -> Sent:
    """Sends until the time is over or `stop` is set. What a tick is late with is sent in the next."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_socket(source, sending.to)) for source in sending.sources]
        return _send(sending, sockets, stop or threading.Event())


def _send(sending: Sending, sockets: Sequence[socket.socket], stop: threading.Event) -> Sent:
    began = time.monotonic()
    done = failed = 0
    datagrams, limit = sending.datagrams, sending.seconds
    while not stop.is_set():
        elapsed = time.monotonic() - began
        if limit is not None:
            elapsed = min(elapsed, limit)
        due = int(elapsed * sending.per_s)
        while done < due:
            # A run from one device at a time, as storms are.
            give = sockets[done // 16 % len(sockets)].send
            for number in range(done, min(due, (done // 16 + 1) * 16)):
                try:
                    give(datagrams[number % len(datagrams)])
                except OSError:
                    failed += 1
                done += 1
        if limit is not None and elapsed >= limit:
            break
        stop.wait(TICK_S)
    return Sent(done - failed, failed, time.monotonic() - began)


def _socket(source: str, to: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    found = socket.socket(family, socket.SOCK_DGRAM)
    found.bind((source, 0))
    found.connect(to)
    return found
