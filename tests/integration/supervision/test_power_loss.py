"""After everything died at once, `wardwatch up` goes on unaided: nothing is lost, nothing doubled."""

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wardwatch.bench.eve_lines import eve_lines

Eventually = Callable[[Callable[[], bool]], None]
LINES = 4000

PROCESSES = {"core", "collect", "ingest", "receive"}


def test_power_lost_while_events_arrive(up: Any, eventually: Eventually) -> None:
    up.start()
    eve = up.data / "eve" / "eve.json"
    write(eve, seed=1)
    eventually(lambda: up.stored() > 0)
    journal = up.data / "journal" / "collect"
    # The poller may open its journal later than the first events are stored.
    eventually(journal.is_dir)
    write(eve, seed=2)
    with eve.open("ab") as file:
        file.write(b'{"timestamp":"2026-01-01T00:00')
    up.lose_power()
    assert stat.S_ISSOCK(up.socket.stat().st_mode), "its socket stands there, and nobody listens"
    (journal / "000000000000001.aside").write_bytes(b"half a ba")
    up.start()
    with eve.open("ab") as file:
        file.write(b':00.000000+0000","event_type":"dns","src_ip":"10.0.0.1"}\n')
    eventually(lambda: up.stored() >= 2 * LINES + 1)
    assert up.stop() == 0
    assert up.stored() == 2 * LINES + 1


def test_what_a_killed_supervisor_left_is_ended_first(up: Any, eventually: Eventually) -> None:
    up.start()
    # It says that it serves as soon as its core does; the others follow.
    eventually(lambda: up.children().keys() == PROCESSES)
    left = up.children()
    # One that hangs cannot see that its supervisor is gone: it holds the stores, the port and the socket.
    os.kill(left["core"], signal.SIGSTOP)
    up.supervisor.kill()
    up.supervisor.wait()
    up.start()
    assert "ended what an earlier run left behind" in up.said
    eventually(lambda: up.children().keys() == PROCESSES)
    assert not set(up.children().values()) & set(left.values())
    assert up.stop() == 0
    assert up.children() == {}


def write(path: Path, seed: int) -> None:
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in eve_lines(LINES, seed))
