"""Following a file through everything logrotate and operators do to it; no clock, no sleep."""

import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from collectors.suricata.follower import FileFollower
from collectors.suricata.generation import DEFAULT_LIMITS, ReadLimits
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.model.records import Position, SourceProgress

SMALL = ReadLimits(lines=2, bytes=64)


class Reader:
    """A follower with what it handed on: lines by position, and the progress of each source."""

    def __init__(
        self, path: Path, known: Iterable[SourceProgress] = (), limits: ReadLimits = DEFAULT_LIMITS, name: str = "g"
    ) -> None:
        numbers = itertools.count(1)
        self.follower = FileFollower(path, known, lambda: f"{name}{next(numbers)}", limits)
        self.lines: list[bytes] = []
        self.positions: list[Position] = []
        self.progress: dict[str, SourceProgress] = {item.source: item for item in known}

    def drain(self) -> list[bytes]:
        """Reads all there is; returns the new lines."""
        before = len(self.lines)
        while (chunk := self.follower.read()) is not None:
            self.lines += [line.data for line in chunk.lines]
            self.positions += [line.position for line in chunk.lines]
            self.progress[chunk.progress.source] = chunk.progress
        assert len(set(self.positions)) == len(self.positions)
        return self.lines[before:]


def lines(*names: str) -> bytes:
    return "".join(f'{{"n":"{name}"}}\n' for name in names).encode()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_lines_come_at_their_offsets(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(b"first\r\nsecond\n\nfourth\n")
    reader = Reader(eve, limits=SMALL)
    assert reader.drain() == [b"first", b"second", b"", b"fourth"]
    assert [position.offset for position in reader.positions] == [0, 7, 14, 15]
    assert reader.progress["g1"].offset == eve.stat().st_size


def test_nothing_is_met_before_the_first_line_is_complete(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    reader = Reader(eve)
    assert reader.drain() == []
    eve.write_bytes(b'{"half":')
    assert reader.drain() == []
    append(eve, b"1}\n")
    assert reader.drain() == [b'{"half":1}']


def test_a_partial_last_line_waits(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a") + b"par")
    reader = Reader(eve)
    assert reader.drain() == [b'{"n":"a"}']
    assert reader.follower.lag_bytes == 3
    append(eve, b"tial\n")
    assert reader.drain() == [b"partial"]
    assert reader.follower.lag_bytes == 0


def test_renamed_and_made_anew_finishes_the_old_file_first(tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a"))
    reader = Reader(eve)
    reader.drain()
    eve.rename(old)
    append(old, lines("late"))
    assert reader.drain() == [b'{"n":"late"}']
    append(old, lines("later") + b"no end")
    eve.write_bytes(lines("new"))
    assert reader.drain() == [b'{"n":"later"}', b"no end", b'{"n":"new"}']
    assert set(reader.progress) == {"g1", "g2"}


def test_two_rotations_between_two_looks_lose_nothing(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(eve)
    reader.drain()
    eve.rename(tmp_path / "eve.json.2")
    (tmp_path / "eve.json.1").write_bytes(lines("b", "c"))
    eve.write_bytes(lines("d"))
    assert reader.drain() == [b'{"n":"b"}', b'{"n":"c"}', b'{"n":"d"}']


def test_files_rotated_before_the_first_look_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "eve.json.1").write_bytes(lines("ancient"))
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    assert Reader(eve).drain() == [b'{"n":"a"}']


def test_a_shrunk_file_is_a_new_generation_even_with_the_same_first_line(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    reader = Reader(eve)
    reader.drain()
    os.truncate(eve, 0)
    append(eve, lines("a"))
    assert reader.drain() == [b'{"n":"a"}']
    assert reader.positions[-1] == Position("g2", 0)
    assert reader.follower.replaced == 1


def test_cut_in_place_and_grown_past_the_offset_is_noticed(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    reader = Reader(eve)
    reader.drain()
    os.truncate(eve, 0)
    append(eve, lines("c", "d", "e", "f"))
    assert reader.drain() == [b'{"n":"c"}', b'{"n":"d"}', b'{"n":"e"}', b'{"n":"f"}']


def test_copytruncate_reads_the_rest_from_the_copy(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = Reader(eve)
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
    first = Reader(eve)
    first.drain()
    append(eve, lines("c"))
    second = Reader(eve, list(first.progress.values()), name="h")
    assert second.drain() == [b'{"n":"c"}']
    assert second.positions[-1].source == "g1"


def test_rotation_while_nobody_watched(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    (tmp_path / "eve.json.9").write_bytes(lines("before the installation"))
    os.utime(tmp_path / "eve.json.9", (1, 1))
    eve.write_bytes(lines("a"))
    first = Reader(eve)
    first.drain()
    append(eve, lines("b"))
    eve.rename(tmp_path / "eve.json.2")
    os.utime(tmp_path / "eve.json.2", (1000, 1000))
    (tmp_path / "eve.json.1").write_bytes(lines("c"))
    os.utime(tmp_path / "eve.json.1", (2000, 2000))
    eve.write_bytes(lines("d"))
    second = Reader(eve, list(first.progress.values()), name="h")
    assert second.drain() == [b'{"n":"b"}', b'{"n":"c"}', b'{"n":"d"}']
    assert second.progress["g1"].offset == len(lines("a", "b"))


def test_a_line_longer_than_a_read_comes_cut_and_the_next_one_whole(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(b"ok\n" + b"x" * 300)
    reader = Reader(eve, limits=SMALL)
    assert reader.drain() == [b"ok"]
    append(eve, b"x" * 100 + b"\nnext\n")
    cut, following = reader.drain()
    assert cut == b"x" * 64
    assert following == b"next"
    assert reader.positions[-1].offset == 3 + 401


def test_tail_takes_turns_and_meets_new_files(tmp_path: Path) -> None:
    (tmp_path / "eve.1.json").write_bytes(lines(*"abcd"))
    (tmp_path / "eve.2.json").write_bytes(lines("x"))
    tail = EveTail(TailSettings((str(tmp_path / "eve.*.json"),), SMALL))
    tail.open(())
    read = [chunk.progress.path.rpartition("/")[2] for _ in range(3) if (chunk := tail.read()) is not None]
    assert read == ["eve.1.json", "eve.2.json", "eve.1.json"]
    assert tail.read() is None
    (tmp_path / "eve.3.json").write_bytes(lines("late"))
    chunk = tail.read()
    assert chunk is not None
    assert chunk.lines[0].data == b'{"n":"late"}'
    tail.close()


def test_what_is_not_a_regular_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "eve.json")
    assert Reader(tmp_path / "eve.json").drain() == []
