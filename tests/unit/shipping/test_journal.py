"""The journal keeps what the core has not answered, across restarts, damage and a full disk quota."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardwatch.errors import StoreFault
from wardwatch.model.records import Batch, SampleBlock
from wardwatch.shipping import Journal, JournalSettings

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def batch(rows: int = 1) -> Batch:
    index = tuple(str(row) for row in range(rows))
    block = SampleBlock("interface", "d1", "u1", AT, index, {"in_bps": tuple(float(row) for row in range(rows))})
    return Batch("", "", 0, blocks=(block,))


def opened(folder: Path, max_bytes: int = 1 << 30) -> Journal:
    journal = Journal(folder, "edge", JournalSettings(max_bytes))
    journal.open()
    return journal


def test_batches_come_back_in_order_and_whole(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert [journal.append(batch(rows)) for rows in (1, 2, 3)] == [1, 2, 3]
    again = opened(tmp_path)
    assert again.epoch == journal.epoch
    found = again.oldest()
    assert found is not None
    assert (found.edge, found.epoch, found.sequence) == ("edge", journal.epoch, 1)
    assert found.blocks == batch(1).blocks


def test_an_acknowledged_sequence_is_never_given_again(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(batch())
    journal.append(batch())
    journal.acknowledge(2)
    assert journal.oldest() is None
    assert opened(tmp_path).append(batch()) == 3


def test_a_wiped_folder_starts_a_new_epoch(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.append(batch())
    for path in tmp_path.iterdir():
        path.unlink()
    second = opened(tmp_path)
    assert second.epoch != first.epoch
    assert second.append(batch()) == 1


def test_a_damaged_batch_becomes_a_counted_drop_and_is_kept_aside(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(batch())
    path = tmp_path / f"{1:015d}.batch"
    content = bytearray(path.read_bytes())
    content[-1] ^= 0xFF
    path.write_bytes(content)
    again = opened(tmp_path)
    found = again.oldest()
    assert found is not None
    assert found.drops == {"damaged_batch": 1}
    assert again.damaged == 1
    assert list(tmp_path.glob("*.damaged"))


def test_leftovers_of_a_crash_while_writing_are_swept(tmp_path: Path) -> None:
    opened(tmp_path).append(batch())
    (tmp_path / f"{2:015d}.aside").write_bytes(b"half a batch")
    journal = opened(tmp_path)
    assert journal.pending == 1
    assert not list(tmp_path.glob("*.aside"))


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFault, match="cannot be opened"):
        opened(tmp_path / "file" / "journal")
