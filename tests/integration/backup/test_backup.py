"""Backups of a living installation, and back when the original is gone: nothing lost, nothing twice."""

import itertools
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from wardwatch.backup import Backups, restore
from wardwatch.backup.manifest import MANIFEST
from wardwatch.bench.postgresql import PostgresqlServer
from wardwatch.demo.city import build_city
from wardwatch.ecs import event_of
from wardwatch.errors import UserError
from wardwatch.installation import read_installation
from wardwatch.intake import Intake
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Event, Position, SourceProgress
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.settings import DataFolder
from wardwatch.shipping import Journal

ALL = Scope.everything()
AT = datetime(2026, 1, 1, tzinfo=UTC)
DAY = EventQuery(TimeRange(AT - timedelta(days=1), AT + timedelta(days=1)))
ME = Actor("test")


class Nobody:
    """Detection that has nothing to do."""

    missed = 0

    def consume(self, batch: Batch, result: Any) -> None:
        return


def event(number: int) -> Event:
    document = {"event": {"kind": "event", "dataset": "suricata.dns"}, "@timestamp": AT.isoformat()}
    return event_of(Position("eve", number), AT, (), document, f"line {number}")


def batch(sequence: int, *numbers: int) -> Batch:
    progress = SourceProgress("eve", max(numbers) + 1, "eve.json", "f")
    return Batch(
        *("ingest", "epoch", sequence),
        events=tuple(event(number) for number in numbers),
        progress=(progress,),
        read={"eve": len(numbers)},
    )


class Opened:
    """An installation's stores, filled and looked at."""

    def __init__(self, data: DataFolder) -> None:
        self.installation = read_installation(data)
        self.state = self.installation.open_state(utc_now)
        self.records = self.installation.open_records(utc_now, self.state.shipping)
        self.intake = Intake(self.records, self.state, Nobody(), lambda topic, payload: None, utc_now, lambda new: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.records.close()
        self.state.close()

    def make(self, target: Path) -> None:
        Backups(self.installation, self.state, self.records, self.intake.paused, utc_now).make(target)

    def seen(self) -> dict[str, Any]:
        sources = {each.source: each.offset for each in self.records.sources()}
        return {
            "units": len(self.state.inventory.read(ALL).units),
            "events": self.records.count(ALL, DAY, "event.dataset"),
            "committed": self.records.committed("ingest", "epoch"),
            "sources": sources,
            "chain": self.state.audit.verify(),
            "ledger": [(row.read, row.stored) for row in self.records.ledger(ALL, *[utc_now().date()] * 2).rows],
        }


def fill(data: DataFolder) -> dict[str, Any]:
    data.root.mkdir(parents=True, exist_ok=True)
    data.secrets.mkdir(mode=0o700)
    (data.secrets / "snmp").write_text("word")
    data.eve.mkdir()
    (data.eve / "eve.json").write_text("the sensor's own")
    journal = Journal(data.journal / "collect", "collect")
    journal.open()
    journal.append(Batch("", "", 0, read={"samples": 0}))
    with Opened(data) as opened:
        opened.state.inventory.replace(ME, build_city(1))
        opened.intake.accept(batch(1, 1, 2, 3))
        opened.intake.accept(batch(2, 4, 5))
        return opened.seen()


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def made(data: DataFolder, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A backup, and what the installation held when it was made."""
    seen = fill(data)
    with Opened(data) as opened:
        opened.make(tmp_path / "backup")
    return tmp_path / "backup", seen


def found(data: DataFolder) -> dict[str, Any]:
    with Opened(data) as opened:
        return opened.seen()


def test_what_comes_back_is_what_was_and_takes_batches_on(made: tuple[Path, Any], data: DataFolder) -> None:
    backup, seen = made
    assert (backup.stat().st_mode & 0o777, (backup / "files" / "secrets").stat().st_mode & 0o777) == (0o700, 0o700)
    shutil.rmtree(data.root)
    assert restore(backup, data, utc_now)[1] is None
    assert found(data) == seen
    assert (data.secrets / "snmp").read_text() == "word"
    journal = Journal(data.journal / "collect", "collect")
    journal.open()
    assert journal.pending == 1
    with Opened(data) as opened:
        assert opened.intake.accept(batch(2, 4, 5)).already_committed
        opened.intake.accept(batch(3, 6))
        assert opened.seen()["events"] == {"suricata.dns": 6}


def test_a_folder_in_use_is_put_aside_only_when_told(made: tuple[Path, Any], data: DataFolder) -> None:
    backup, seen = made
    with pytest.raises(UserError, match="holds an installation already"):
        restore(backup, data, utc_now)
    with Opened(data) as opened:
        opened.intake.accept(batch(3, 9))
    _, aside = restore(backup, data, utc_now, replace=True)
    assert found(data) == seen
    assert aside is not None
    assert found(DataFolder(aside))["events"] == {"suricata.dns": 6}
    assert (data.eve / "eve.json").exists(), "the sensor goes on writing there"
    assert not (aside / "eve").exists()


@pytest.mark.parametrize("step", range(0, 18, 2))
def test_a_restore_that_is_killed_is_finished_by_the_next(
    made: tuple[Path, Any], data: DataFolder, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, seen = made
    with monkeypatch.context() as patched:
        steps = itertools.count()
        rename = Path.rename

        def killed(self: Path, target: Path) -> Path:
            ours = data.restoring in (self.parent, self.parent.parent) or self.parent == data.root
            if ours and next(steps) == step:
                raise KeyboardInterrupt
            return rename(self, target)

        patched.setattr(Path, "rename", killed)
        try:
            restore(backup, data, utc_now, replace=True)
        except KeyboardInterrupt:
            with pytest.raises(UserError, match="was interrupted"):
                read_installation(data)
    restore(backup, data, utc_now, replace=True)
    assert found(data) == seen
    assert not data.restoring.exists()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a flipped bit": (lambda backup: flip(backup / "state" / "audit_entry.ndjson.zst"), "is not as it was written"),
    "a lost file": (lambda backup: (backup / "files" / "secrets" / "snmp").unlink(), "cannot be read"),
    "no manifest": (lambda backup: (backup / MANIFEST).unlink(), "is no backup"),
    "a cut manifest": (lambda backup: (backup / MANIFEST).write_text('{"format":1'), "damaged"),
    "another format": (
        lambda backup: (backup / MANIFEST).write_text(
            (backup / MANIFEST).read_text().replace('"format": 1', '"format": 9')
        ),
        "format 9",
    ),
    "a path that leads out": (
        lambda backup: (backup / MANIFEST).write_text(
            (backup / MANIFEST).read_text().replace('"files/secrets/snmp"', '"../data/secrets/snmp"')
        ),
        "leads out",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_changes_nothing(made: tuple[Path, Any], data: DataFolder, damage: str) -> None:
    backup, seen = made
    hurt, words = DAMAGE[damage]
    hurt(backup)
    with pytest.raises(UserError, match=words):
        restore(backup, data, utc_now, replace=True)
    assert found(data) == seen


def test_places_where_no_backup_can_be(made: tuple[Path, Any], data: DataFolder, tmp_path: Path) -> None:
    with Opened(data) as opened:
        for target, words in (
            (tmp_path / "backup", "is there already"),
            (data.root / "inside", "does not lie in the data folder"),
            (tmp_path / "no" / "such", "cannot be made"),
        ):
            with pytest.raises(UserError, match=words):
                opened.make(target)
    assert not list(tmp_path.glob("*.partial"))


def test_large_engines_come_back_too(elasticsearch_url: str, postgresql: PostgresqlServer, tmp_path: Path) -> None:
    """State in PostgreSQL, records in Elasticsearch; then the state moves to SQLite by the same backup."""
    data = DataFolder(tmp_path / "large")
    data.root.mkdir()
    url = postgresql.create("backup")
    records = f"records: {{engine: elasticsearch, urls: ['{elasticsearch_url}'], prefix: copied}}\n"
    data.settings.write_text(f"{records}state: {{url: '{url}'}}\n")
    seen = fill(data)
    with Opened(data) as opened:
        opened.make(tmp_path / "backup")
        opened.intake.accept(batch(3, 9))
    restore(tmp_path / "backup", data, utc_now, replace=True)
    assert found(data) == seen
    with Opened(data) as opened:
        assert opened.intake.accept(batch(3, 9)).new_events == (Position("eve", 9),)
    smaller = DataFolder(tmp_path / "smaller")
    smaller.root.mkdir()
    smaller.settings.write_text(records)
    restore(tmp_path / "backup", smaller, utc_now, replace=True)
    assert found(smaller) == seen
    assert (smaller.root / "state.sqlite").exists()
