"""What systemd wants to hear of a service (sd_notify(3)): datagrams to the socket named in the environment. Without
systemd nothing is said."""

import asyncio
import contextlib
import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"
_SOCKET, _WATCHDOG = "NOTIFY_SOCKET", "WATCHDOG_USEC"

_PATIENCE_S = 0.2


def notify(state: str) -> None:
    """Tells the service manager; that nobody listens is no fault of ours."""
    where = os.environ.get(_SOCKET, "")
    if not where:
        return
    address = "\0" + where[1:] if where.startswith("@") else where
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        # A manager that does not listen must not hold us up.
        line.settimeout(_PATIENCE_S)
        line.sendto(state.encode(), address)


async def watch() -> None:
    """Says for ever that the event loop turns, twice as often as the manager wants to hear it."""
    period = os.environ.get(_WATCHDOG, "")
    if not period.isdigit() or int(period) == 0:
        await asyncio.Event().wait()
    while True:
        notify(ALIVE)
        await asyncio.sleep(int(period) / 2_000_000)
