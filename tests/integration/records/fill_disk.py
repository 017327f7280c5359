"""Appends until the file system takes no more, then frees space and goes on. Prints how many batches were acknowledged,
the fault, and how the batch after it went."""

import random
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor
from wardwatch.model.records import Batch, Position
from wardwatch.records import open_records

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLAIN = {"event": {"kind": "event", "dataset": "x"}}
CORE = Actor.system("core")
LIMIT_BYTES = 4 * 1024 * 1024

chance = random.Random(1)


def batch(sequence: int) -> Batch:
    events = tuple(
        event_of(
            Position("eve", sequence * 1000 + n),
            AT,
            (),
            PLAIN,
            chance.randbytes(1000).hex(),
        )
        for n in range(100)
    )
    return Batch("edge", "epoch", sequence, events=events)


def say(words: object) -> None:
    sys.stdout.write(f"{words}\n")


signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_records(Path(sys.argv[1]), lambda: AT)
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, unlimited[1]))
sequence = 0
try:
    while sequence < 1000:
        store.append(CORE, batch(sequence + 1))
        sequence += 1
    say("the disk never was full")
except StoreFault as fault:
    say(sequence)
    say(str(fault).replace("\n", " "))
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
try:
    store.append(CORE, batch(sequence + 1))
    say("stored after space was freed")
except StoreFault as fault:
    say(f"still refused: {fault}")
store.close()
