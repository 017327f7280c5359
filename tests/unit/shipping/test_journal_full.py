"""What a full journal drops, in which order, and that every drop is counted and travels to the core."""

import errno
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault
from wardwatch.model.records import Batch, Event, Outcome, PollOutcome, Position
from wardwatch.shipping import Journal, JournalSettings
from wardwatch.shipping.disk import FolderDisk

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
BLOCK = 4096


def outcome(name: str) -> PollOutcome:
    return PollOutcome(name, "u1", AT, Outcome.OK, 12.5, 40)


def event(name: str) -> Event:
    return event_of(Position(name, 0), AT, (), {"event": {"kind": "event", "dataset": "suricata.flow"}}, "the line")


def samples(name: str) -> Batch:
    return Batch("", "", 0, outcomes=(outcome(name),))


def events(name: str) -> Batch:
    return Batch("", "", 0, events=(event(name),))


def opened(folder: Path, settings: JournalSettings) -> Journal:
    journal = Journal(folder, "edge", settings)
    journal.open()
    return journal


def shipped(journal: Journal) -> tuple[list[str], Counter[str]]:
    """What comes out, by name, and the drops that come with it."""
    names: list[str] = []
    drops: Counter[str] = Counter()
    expected = 1
    while (batch := journal.oldest()) is not None:
        assert batch.sequence == expected
        names += [each.device for each in batch.outcomes] + [each.position.source for each in batch.events]
        drops += Counter(batch.drops)
        journal.acknowledge(batch.sequence)
        expected += 1
    return names, drops


def test_the_oldest_samples_go_first_but_never_the_one_that_may_be_under_way(tmp_path: Path) -> None:
    journal = opened(tmp_path, JournalSettings(3 * BLOCK))
    for name in ("a", "b", "c", "d", "e"):
        journal.append(samples(name))
    assert journal.pending_bytes <= 3 * BLOCK
    assert journal.dropped == {"outcome": 2}
    assert shipped(journal) == (["a", "d", "e"], Counter(outcome=2))


def test_events_go_only_when_no_samples_are_left_to_drop(tmp_path: Path) -> None:
    journal = opened(tmp_path, JournalSettings(4 * BLOCK))
    for batch in (samples("s1"), events("e1"), samples("s2"), events("e2"), events("e3"), events("e4")):
        journal.append(batch)
    assert journal.dropped == {"outcome": 1, "event": 1}
    assert shipped(journal) == (["s1", "e2", "e3", "e4"], Counter(outcome=1, event=1))


def test_samples_that_come_push_no_events_out(tmp_path: Path) -> None:
    journal = opened(tmp_path, JournalSettings(3 * BLOCK))
    for batch in (events("e1"), events("e2"), events("e3"), samples("s1"), samples("s2")):
        journal.append(batch)
    names, drops = shipped(journal)
    assert names == ["e1", "e2", "e3"]
    assert drops == Counter(outcome=2)


def test_a_kind_keeps_to_its_own_limit(tmp_path: Path) -> None:
    journal = opened(tmp_path, JournalSettings(100 * BLOCK, max_sample_bytes=BLOCK, max_event_bytes=2 * BLOCK))
    for number in range(4):
        journal.append(events(f"e{number}"))
        journal.append(samples(f"s{number}"))
    assert shipped(journal) == (["e0", "e2", "e3", "s3"], Counter(event=1, outcome=3))


def test_what_can_never_fit_leaves_the_others_alone(tmp_path: Path) -> None:
    journal = opened(tmp_path, JournalSettings(3 * BLOCK))
    journal.append(samples("a"))
    journal.append(samples("b"))
    journal.append(Batch("", "", 0, outcomes=tuple(outcome(f"d{number}") for number in range(2000))))
    assert shipped(journal) == (["a", "b"], Counter(outcome=2000))


def test_counts_of_drops_do_not_fill_the_journal_either(tmp_path: Path) -> None:
    journal = opened(tmp_path, JournalSettings(3 * BLOCK))
    for batch in (events("e1"), events("e2")):
        journal.append(batch)
    for number in range(50):
        journal.append(samples(f"s{number}"))
    assert journal.pending <= 4
    names, drops = shipped(journal)
    assert names[:2] == ["e1", "e2"]
    assert len(names) - 2 + drops["outcome"] == 50


class CountingDisk(FolderDisk):
    """Counts how many bytes of batches are read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read_bytes = 0

    def read(self, name: str, limit: int = -1) -> bytes:
        content = super().read(name, limit)
        self.read_bytes += len(content)
        return content


def test_a_full_journal_reads_each_batch_that_gives_way_once(tmp_path: Path) -> None:
    disk = CountingDisk(tmp_path)
    journal = Journal(tmp_path, "edge", JournalSettings(64 * BLOCK), disk)
    journal.open()
    for number in range(64):
        journal.append(events(f"e{number}"))
    assert disk.read_bytes == 0
    for number in range(64):
        journal.append(events(f"f{number}"))
    assert disk.read_bytes < 64 * 2 * len((tmp_path / f"{1:015d}.batch").read_bytes())


class FullDisk(FolderDisk):
    """A disk without room for any new file, until something is unlinked."""

    full = False

    def write(self, name: str, content: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(name, content)

    def unlink(self, name: str) -> None:
        if self.full and name == "ballast":
            self.full = False
        super().unlink(name)


def test_a_full_disk_does_not_keep_the_journal_from_shrinking(tmp_path: Path) -> None:
    disk = FullDisk(tmp_path)
    journal = Journal(tmp_path, "edge", JournalSettings(), disk)
    journal.open()
    journal.append(samples("a"))
    disk.full = True
    with pytest.raises(StoreFault, match="free space"):
        journal.append(samples("b"))
    assert shipped(journal)[0] == ["a"]
    assert (tmp_path / "ballast").exists(), "the next full disk needs it again"
    assert journal.append(samples("c")) == 2
