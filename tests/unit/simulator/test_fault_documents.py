"""The faults file: times, repetitions, and problems named with their lines."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.snmp.simulator.fault_documents import load_faults, schema
from collectors.snmp.simulator.faults import FaultKind
from wardwatch.errors import DocumentError
from wardwatch.model.inventory import Inventory

START = datetime(2026, 11, 24, 3, tzinfo=UTC)


def write(folder: Path, text: str) -> Path:
    path = folder / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_times_and_repetitions(tmp_path: Path, inventory: Inventory) -> None:
    path = write(
        tmp_path,
        "faults:\n"
        "  - {device: RT, kind: dead, at: T+5m, for: 10m, every: 30m, times: 2}\n"
        "  - {device: SW, kind: slow, at: '2026-11-24T10:30:00+07:00', for: 1h30m, value: 0.5}\n",
    )
    first, second, slow = load_faults(path, START, inventory).faults
    assert (first.kind, first.start, first.end) == (
        FaultKind.DEAD,
        START + timedelta(minutes=5),
        START + timedelta(minutes=15),
    )
    assert second.start - first.start == timedelta(minutes=30)
    assert (slow.start, slow.end - slow.start, slow.value) == (
        START + timedelta(minutes=30),
        timedelta(minutes=90),
        0.5,
    )


def test_repetitions_without_a_number_fill_a_week(tmp_path: Path, inventory: Inventory) -> None:
    path = write(tmp_path, "faults: [{device: RT, kind: mute, at: T+0s, for: 1m, every: 1h}]")
    assert len(load_faults(path, START, inventory).faults) == 7 * 24 + 1


@pytest.mark.parametrize(
    ("entry", "line", "said"),
    [
        ("{device: RX, kind: dead, at: T+5m, for: 1m}", 2, "unknown device 'RX': did you mean 'RT'?"),
        ("{device: RT, kind: link-down, port: Gi9, at: T+5m, for: 1m}", 2, "unknown port 'Gi9' of 'RT'"),
        ("{device: RT, kind: dead, at: T+5m, four: 1m}", 2, "did you mean 'for'?"),
        ("{device: RT, kind: dead, at: 5m, for: 1m}", 2, "neither T+5m nor an RFC 3339 time"),
        ("{device: RT, kind: dead, at: '2026-11-24T10:30:00', for: 1m}", 2, "has no time zone"),
        ("{device: RT, kind: dead, at: T+5m, for: soon}", 2, "is no duration"),
        ("{device: RT, kind: dead, at: T+5m, for: 1m, port: x}", 2, "has no port"),
        ("{device: RT, kind: slow, at: T+5m, for: 1m, value: 900}", 2, "0.001 to 60 seconds"),
        ("{device: RT, kind: dead, at: T+5m, for: 10m, every: 5m}", 2, "would never end"),
        ("{device: RT, kind: dead, at: T+5m, for: 10s, every: 11s}", 2, "more than 10000 faults"),
        ("{device: RT, kind: dead, at: T+5m, for: 99999999d}", 2, "year 9999"),
    ],
)
def test_problems_are_named_with_their_line(
    tmp_path: Path, inventory: Inventory, entry: str, line: int, said: str
) -> None:
    path = write(tmp_path, f"faults:\n  - {entry}\n")
    with pytest.raises(DocumentError) as refused:
        load_faults(path, START, inventory)
    assert said in str(refused.value)
    assert f"faults.yaml:{line}:" in str(refused.value)


def test_the_published_schema_is_current() -> None:
    published = Path(__file__).parents[3] / "docs" / "schemas" / "faults.json"
    assert json.loads(published.read_text(encoding="utf-8")) == schema()
