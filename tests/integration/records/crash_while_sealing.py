"""A process that dies while it seals: run with a folder and the step at which the power goes."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wardwatch.ecs import event_of
from wardwatch.model.access import Actor
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import Batch, Position, SampleBlock
from wardwatch.records.embedded.sealer import FileSteps, sync
from wardwatch.records.embedded.store import EmbeddedRecordStore
from wardwatch.records.settings import RecordSettings

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLAIN = {"event": {"kind": "event", "dataset": "suricata.dns"}}
NOW = AT + timedelta(hours=5)
EVENTS = 500
POWER_CUT = 99


def die(*_: object) -> None:
    """No clean-up of any kind, as by a kill."""
    os._exit(POWER_CUT)


def die_after_rename(aside: Path, path: Path) -> None:
    aside.rename(path)
    die()


def die_after_sync(folder: Path) -> None:
    sync(folder)
    die()


STEPS = {
    "file not synced": replace(FileSteps(), sync_file=die),
    "before rename": replace(FileSteps(), rename=die),
    "after rename": replace(FileSteps(), rename=die_after_rename),
    "before commit": replace(FileSteps(), sync_folder=die_after_sync),
    "nowhere": FileSteps(),
}


def batch(sequence: int) -> Batch:
    """Events of two days and samples of every measurement."""
    events = tuple(
        event_of(
            Position("eve", n),
            AT - timedelta(days=n % 2),
            ("w1",),
            {**PLAIN, "n": n},
            f"line {n}",
        )
        for n in range(EVENTS)
    )
    blocks = tuple(
        SampleBlock(name, "r1", "w1", AT, ("1",), dict.fromkeys(measurement.columns, (1.0,)))
        for name, measurement in MEASUREMENTS.items()
    )
    return Batch("edge", "epoch", sequence, events=events, blocks=blocks)


def main(folder: Path, step: str) -> None:
    store = EmbeddedRecordStore.open(folder, lambda: NOW, RecordSettings(), STEPS[step])
    if store.committed("edge", "epoch") == 0:
        store.append(Actor.system("core"), batch(1))
    store.seal(NOW)
    die()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
