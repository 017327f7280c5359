"""Following a log through everything logrotate and operators do to it; the clock is the test's."""

import gzip
import itertools
import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from collectors.suricata.follower import GAP_CUT, GAP_DELETED, OURS_S
from collectors.suricata.generation import DEFAULT_LIMITS, ReadLimits
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.model.records import Position, SourceProgress

SMALL = ReadLimits(lines=2, bytes=64)


class Reader:
    """A tail with what it handed on: lines by position, the progress of each source, and what it says was lost."""

    def __init__(
        self, folder: Path, known: Iterable[SourceProgress] = (), limits: ReadLimits = DEFAULT_LIMITS, name: str = "g"
    ) -> None:
        numbers = itertools.count(1)
        self.now = 0.0
        self.tail = EveTail(TailSettings(folder, limits=limits), lambda: f"{name}{next(numbers)}", lambda: self.now)
        self.tail.open(list(known))
        self.lines: list[bytes] = []
        self.positions: list[Position] = []
        self.progress: dict[str, SourceProgress] = {item.source: item for item in known}
        self.lost: Counter[str] = Counter()

    def drain(self, after_s: float = 0.0) -> list[bytes]:
        """Reads all there is; returns the new lines."""
        self.now += after_s
        before = len(self.lines)
        while (chunk := self.tail.read()) is not None:
            self.lines += [line.data for line in chunk.lines]
            self.positions += [line.position for line in chunk.lines]
            self.progress |= {item.source: item for item in chunk.progress}
            self.lost.update(chunk.drops)
        assert len(set(self.positions)) == len(self.positions)
        return self.lines[before:]

    def restarted(self, name: str = "h") -> "Reader":
        """Another process, which knows what the store knows."""
        self.tail.close()
        return Reader(self.tail._settings.folder, self.progress.values(), name=name)


def lines(*names: str) -> bytes:
    return "".join(f'{{"n":"{name}"}}\n' for name in names).encode()


def aged(path: Path, age_s: float) -> None:
    """As if it had been written to so long ago."""
    os.utime(path, (time.time() - age_s,) * 2)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_lines_come_at_their_offsets(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(b"first\r\nsecond\n\nfourth\n")
    reader = Reader(tmp_path, limits=SMALL)
    assert reader.drain() == [b"first", b"second", b"", b"fourth"]
    assert [position.offset for position in reader.positions] == [0, 7, 14, 15]
    assert reader.progress["g1"].offset == eve.stat().st_size


def test_nothing_is_met_before_the_first_line_is_complete(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    reader = Reader(tmp_path)
    assert reader.drain() == []
    eve.write_bytes(b'{"half":')
    assert reader.drain() == []
    append(eve, b"1}\n")
    assert reader.drain() == [b'{"half":1}']


def test_a_partial_last_line_waits(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a") + b"par")
    reader = Reader(tmp_path)
    assert reader.drain() == [b'{"n":"a"}']
    assert reader.tail.status().lag_bytes == 3
    append(eve, b"tial\n")
    assert reader.drain() == [b"partial"]
    assert reader.tail.status().lag_bytes == 0


def test_two_rotations_between_two_looks_lose_nothing(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    eve.rename(tmp_path / "eve.json.2")
    (tmp_path / "eve.json.1").write_bytes(lines("b", "c"))
    eve.write_bytes(lines("d"))
    assert reader.drain() == [b'{"n":"b"}', b'{"n":"c"}', b'{"n":"d"}']


def test_files_rotated_long_before_the_first_look_are_not_ours(tmp_path: Path) -> None:
    eve, ancient, recent = (tmp_path / name for name in ("eve.json", "eve.json.2", "eve.json.1"))
    for path, age_s in ((ancient, OURS_S + 60), (recent, OURS_S - 60), (eve, OURS_S + 60)):
        path.write_bytes(lines(path.name))
        aged(path, age_s)
    reader = Reader(tmp_path)
    assert reader.drain() == names("eve.json.1", "eve.json")
    aged(ancient, 0)
    assert reader.drain(after_s=11) == [], "touched, and no line more"
    assert reader.restarted().drain() == []


def test_cut_in_place_and_grown_past_the_offset_is_noticed(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    reader = Reader(tmp_path)
    reader.drain()
    os.truncate(eve, 0)
    append(eve, lines("c", "d", "e", "f"))
    assert reader.drain() == [b'{"n":"c"}', b'{"n":"d"}', b'{"n":"e"}', b'{"n":"f"}']


def test_copytruncate_reads_the_rest_from_the_copy(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    append(eve, lines("b"))
    (tmp_path / "eve.json.1").write_bytes(eve.read_bytes())
    os.truncate(eve, 0)
    append(eve, lines("c"))
    assert reader.drain() == [b'{"n":"b"}', b'{"n":"c"}']
    assert reader.positions[-2] == Position("g1", len(lines("a")))


def test_a_restarted_tail_goes_on_where_the_store_is(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    first = Reader(tmp_path)
    first.drain()
    append(eve, lines("c"))
    second = first.restarted()
    assert second.drain() == [b'{"n":"c"}']
    assert second.positions[-1].source == "g1"


def test_rotation_while_nobody_watched(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    (tmp_path / "eve.json.9").write_bytes(lines("before the installation"))
    os.utime(tmp_path / "eve.json.9", (1, 1))
    eve.write_bytes(lines("a"))
    first = Reader(tmp_path)
    first.drain()
    append(eve, lines("b"))
    eve.rename(tmp_path / "eve.json.2")
    os.utime(tmp_path / "eve.json.2", (1000, 1000))
    (tmp_path / "eve.json.1").write_bytes(lines("c"))
    os.utime(tmp_path / "eve.json.1", (2000, 2000))
    eve.write_bytes(lines("d"))
    second = first.restarted()
    assert second.drain() == [b'{"n":"b"}', b'{"n":"c"}', b'{"n":"d"}']
    assert len(second.lines) == 3, "what lay there before is still left out"


def test_a_line_longer_than_a_read_comes_cut_and_the_next_one_whole(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(b"ok\n" + b"x" * 300)
    reader = Reader(tmp_path, limits=SMALL)
    assert reader.drain() == [b"ok"]
    append(eve, b"x" * 100 + b"\nnext\n")
    cut, following = reader.drain()
    assert cut == b"x" * 64
    assert following == b"next"
    assert reader.positions[-1].offset == 3 + 401


def test_what_is_not_a_regular_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "eve.json")
    assert Reader(tmp_path).drain() == []


def names(*found: str) -> list[bytes]:
    return lines(*found).splitlines()


def test_a_renamed_file_is_read_while_it_is_still_written_and_its_last_line_is_waited_for(tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    eve.rename(old)
    append(old, lines("late"))
    assert reader.drain() == names("late")
    append(old, lines("later") + b'{"n":"unfin')
    eve.write_bytes(lines("new"))
    assert reader.drain() == names("later", "new")
    append(old, b'ished"}\n' + b"no end")
    assert reader.drain(after_s=4) == names("unfinished")
    assert reader.drain(after_s=4) == []
    assert reader.drain(after_s=4) == [b"no end"]
    append(old, lines("very late"))
    append(eve, lines("newer"))
    assert reader.drain() == names("very late", "newer")
    assert {position.source for position in reader.positions} == {"g1", "g3"}


def test_a_renamed_file_that_was_let_go_is_taken_up_again(tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    eve.rename(old)
    eve.write_bytes(lines("b"))
    reader.drain()
    reader.drain(after_s=100)
    assert reader.tail.status().open_files == 1
    append(old, lines("straggler"))
    assert reader.drain(after_s=11) == names("straggler")
    assert reader.positions[-1] == Position("g1", len(lines("a")))


def test_turns(tmp_path: Path) -> None:
    (tmp_path / "eve.1.json").write_bytes(lines(*"abcd"))
    (tmp_path / "eve.2.json").write_bytes(lines("x"))
    reader = Reader(tmp_path, limits=SMALL)
    assert reader.drain() == names("a", "b", "x", "c", "d")
    (tmp_path / "eve.3.json").write_bytes(lines("late"))
    assert reader.drain() == names("late")


def test_cut_to_a_shorter_length_only_what_follows_is_new(tmp_path: Path) -> None:
    """As after a power loss that took the end of the file."""
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b", "c"))
    reader = Reader(tmp_path)
    reader.drain()
    os.truncate(eve, len(lines("a", "b")) + 3)
    assert reader.drain() == []
    append(eve, lines("d", "e"))
    assert reader.drain() == [b'{"n' + lines("d").strip(), *names("e")]
    assert reader.positions[-2] == Position("g3", len(lines("a", "b")))
    assert reader.lost == Counter()


def test_after_a_power_loss_what_grew_past_the_known_offset_is_not_taken_for_known(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b", "c"))
    reader = Reader(tmp_path)
    reader.drain()
    eve.write_bytes(lines("a", "b", "x", "y", "z"))
    assert reader.restarted().drain() == names("a", "b", "x", "y", "z"), "rather twice than never"


def test_copytruncate_counts_what_is_provably_lost(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    append(eve, lines("b"))
    (tmp_path / "eve.json.1").write_bytes(eve.read_bytes())
    append(eve, lines("lost"))
    assert reader.tail.status().lag_bytes == len(lines("b", "lost"))
    os.truncate(eve, 0)
    append(eve, lines("c"))
    assert reader.drain() == names("b", "c")
    assert reader.lost == {GAP_CUT: len(lines("lost"))}
    status = reader.tail.status()
    assert (status.replaced, status.lost_bytes) == (1, {GAP_CUT: len(lines("lost"))})


def test_cut_without_a_copy_counts_what_was_unread(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    append(eve, lines("b"))
    reader.tail.status()
    os.truncate(eve, 0)
    assert reader.drain() == []
    assert reader.lost == {GAP_CUT: len(lines("b"))}
    assert "rotate it by renaming and SIGHUP instead" in caplog.text
    append(eve, lines("c"))
    assert reader.drain() == names("c")


def test_a_writer_that_goes_on_at_its_old_offset_leaves_a_hole(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    with eve.open("wb", buffering=0) as writer:
        writer.write(lines("a", "b"))
        reader = Reader(tmp_path)
        reader.drain()
        os.truncate(eve, 0)
        reader.drain()
        writer.write(lines("c"))
    assert reader.drain() == names("c")
    append(eve, lines("d"))
    assert reader.restarted().drain() == names("d")


def test_deleted_while_open_is_read_to_its_end_and_the_next_one_taken(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    with eve.open("wb", buffering=0) as writer:
        writer.write(lines("a"))
        reader = Reader(tmp_path)
        reader.drain()
        writer.write(lines("b"))
        eve.unlink()
        assert reader.drain() == names("b")
        writer.write(lines("c") + b'{"n":')
        assert reader.drain(after_s=500) == names("c"), "nobody told its writer"
        writer.write(b'"d"}\n')
        assert reader.drain() == names("d")
    eve.write_bytes(lines("e"))
    assert reader.drain() == names("e")
    reader.drain(after_s=100)
    reader.drain(after_s=100)
    assert reader.tail.status().open_files == 1
    assert reader.lost == Counter()


def test_deleted_before_it_was_opened_is_a_counted_loss(tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("live"))
    reader = Reader(tmp_path, limits=SMALL)
    reader.drain()
    for number in (1, 2):
        (tmp_path / f"eve.json.{number}").write_bytes(lines(*["abc", "defghi"][number - 1]))
        os.utime(tmp_path / f"eve.json.{number}", (number, number))
    assert reader.tail.read() is not None
    (tmp_path / "eve.json.2").unlink()
    assert reader.drain(after_s=2) == names("c")
    assert reader.lost == {GAP_DELETED: len(lines(*"defghi"))}


def test_an_inode_that_is_used_again_is_another_file(tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    old.write_bytes(lines("a"))
    eve.write_bytes(lines("b"))
    reader = Reader(tmp_path)
    reader.drain()
    inode = old.stat().st_ino
    old.unlink()
    made = tmp_path / "eve.json.2"
    for number in range(2000):
        made = tmp_path / f"eve.json.{number}"
        made.write_bytes(b"")
        if made.stat().st_ino == inode:
            break
    else:
        pytest.skip("this file system does not use inodes again")
    made.write_bytes(lines("x", "y"))
    assert reader.drain(after_s=11) == names("x", "y")


@pytest.mark.parametrize("name", ["eve.json.bak", "eve.copy.json", "eve.7.json", "eve-2026-01-01.json"])
def test_a_copy_is_not_read_twice(tmp_path: Path, name: str) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    reader = Reader(tmp_path)
    reader.drain()
    (tmp_path / name).write_bytes(eve.read_bytes())
    append(eve, lines("c"))
    assert reader.drain() == names("c")
    again = reader.restarted()
    assert again.drain() == []
    append(eve, lines("d"))
    assert again.drain() == names("d")
    eve.unlink()
    assert again.drain(after_s=100) == []


def test_a_restored_old_file_is_known(tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a", "b"))
    reader = Reader(tmp_path)
    reader.drain()
    eve.rename(old)
    eve.write_bytes(lines("c"))
    reader.drain(after_s=100)
    kept = old.read_bytes()
    old.unlink()
    reader.drain(after_s=100)
    (tmp_path / "eve.json.9").write_bytes(kept)
    assert reader.drain(after_s=100) == []
    (tmp_path / "restored").write_bytes(kept[: len(lines("a"))])
    (tmp_path / "restored").rename(eve)
    again = reader.restarted()
    assert again.drain() == []


def test_a_linked_log_and_its_rotation_where_it_really_is(tmp_path: Path) -> None:
    seen, real = tmp_path / "seen", tmp_path / "real"
    seen.mkdir()
    real.mkdir()
    (real / "eve.json").write_bytes(lines("a"))
    (seen / "eve.json").symlink_to(real / "eve.json")
    os.link(real / "eve.json", seen / "eve.json.link")
    reader = Reader(seen)
    assert reader.drain() == names("a")
    append(real / "eve.json", lines("b"))
    (real / "eve.json").rename(real / "eve.json.1")
    (real / "eve.json").write_bytes(lines("c"))
    assert reader.drain() == names("b", "c")
    append(real / "eve.json", lines("d"))
    reader.tail.close()
    (real / "eve.json").rename(real / "eve.json.2")
    (real / "eve.json").write_bytes(lines("e"))
    assert reader.restarted().drain() == names("d", "e")


def test_a_folder_that_comes_later(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "later")
    assert reader.drain() == []
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "eve.json").write_bytes(lines("a"))
    assert reader.drain() == names("a")


def test_what_cannot_be_read_is_said_once_and_read_when_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "eve.json").write_bytes(lines("a"))
    opened = os.open

    def refused(path: Path, flags: int) -> int:
        if str(path).endswith("eve.json"):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    reader = Reader(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        assert reader.drain() == reader.drain(after_s=2) == []
        assert reader.tail.status().unreadable == {str(tmp_path / "eve.json"): "Permission denied"}
    assert caplog.text.count("file cannot be read") == 1
    assert reader.drain(after_s=2) == names("a")
    assert reader.tail.status().unreadable == {}


@pytest.mark.parametrize("log", ["eve.json.{}", "eve.json.{}.1700000000", "eve.{}.json"])
def test_threads_write_logs_of_their_own(tmp_path: Path, log: str) -> None:
    paths = [tmp_path / log.format(number) for number in (1, 2)]
    for number, path in enumerate(paths):
        path.write_bytes(lines(f"old{number}"))
    reader = Reader(tmp_path)
    assert sorted(reader.drain()) == names("old0", "old1")
    for number, path in enumerate(paths):
        append(path, lines(f"new{number}"))
    assert sorted(reader.drain()) == names("new0", "new1")
    following = tmp_path / log.format(1).replace("17", "18")
    if not following.exists():
        following.write_bytes(lines("next"))
        assert reader.drain() == names("next")


def test_a_file_left_out_that_grows_is_a_threads_log_and_read_whole(tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("stale"))
    (tmp_path / "eve.json.1").write_bytes(lines("a"))
    aged(tmp_path / "eve.json.1", OURS_S + 60)
    reader = Reader(tmp_path)
    assert reader.drain() == names("stale")
    append(tmp_path / "eve.json.1", lines("b"))
    assert reader.drain(after_s=11) == names("a", "b")


def packed(path: Path) -> None:
    """As gzip does: the new file beside the old, then the old one goes."""
    status = path.stat()
    target = path.with_name(f"{path.name}.gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    path.unlink()


def test_packed_before_it_was_read_to_its_end(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    append(eve, lines("b") + b"no end")
    reader.tail.close()
    eve.rename(tmp_path / "eve.json.1")
    packed(tmp_path / "eve.json.1")
    eve.write_bytes(lines("c"))
    again = reader.restarted()
    assert again.drain() == [*names("b"), b"no end", *names("c")]
    assert again.positions[0] == Position("g1", len(lines("a")))
    assert again.restarted(name="i").drain() == []


def test_packed_while_it_waits_is_no_loss(tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("live"))
    reader = Reader(tmp_path, limits=SMALL)
    reader.drain()
    for number in (1, 2):
        (tmp_path / f"eve.json.{number}").write_bytes(lines(*[f"{number}{letter}" for letter in "abc"]))
        os.utime(tmp_path / f"eve.json.{number}", (number, number))
    assert reader.tail.read() is not None
    packed(tmp_path / "eve.json.2")
    assert reader.drain(after_s=2) == names("1c", "2a", "2b", "2c")
    assert reader.lost == Counter()


def test_a_damaged_packed_file_is_unreadable_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("a"))
    reader = Reader(tmp_path)
    reader.drain()
    whole = gzip.compress(lines(*map(str, range(5000))), mtime=0)
    (tmp_path / "eve.json.1.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "eve.json.2.gz").write_bytes(b"\x1f\x8b")
    append(tmp_path / "eve.json", lines("b"))
    read = reader.drain(after_s=1)
    assert names("b")[0] in read
    assert len(reader.tail.status().unreadable) == 2
    (tmp_path / "eve.json.1.gz").write_bytes(whole)
    read += reader.drain(after_s=11)
    assert Counter(read) == Counter([*names("b"), *names(*map(str, range(5000)))])


def test_thousands_of_rotated_files_cost_neither_descriptors_nor_time(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    (tmp_path / "eve.json").write_bytes(lines("live"))
    reader.drain()
    for number in range(1500):
        path = tmp_path / f"eve.json.{number}"
        path.write_bytes(lines(f"{number}") + (b"half" if number % 2 else b""))
    most = 0
    while reader.tail.read() is not None:
        most = max(most, len(list(Path("/proc/self/fd").iterdir())))
    assert most < 200
    reader.tail.status()
    reader.drain(after_s=100)
    assert reader.tail.status().open_files < 10
    assert reader.tail.status().lag_bytes == 0
