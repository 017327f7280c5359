"""Following a log through what logrotate does to it; the clock is the test's."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collectors.suricata.follower import OURS_S
from collectors.suricata.generation import ReadLimits
from wardwatch.model.records import Position

SMALL = ReadLimits(lines=2, bytes=64)
Follow = Callable[..., Any]


def lines(*names: str) -> bytes:
    return "".join(f'{{"n":"{name}"}}\n' for name in names).encode()


def aged(path: Path, age_s: float) -> None:
    """As if it had been written to so long ago."""
    os.utime(path, (time.time() - age_s,) * 2)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def names(*found: str) -> list[bytes]:
    return lines(*found).splitlines()


def test_lines_come_at_their_offsets(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(b"first\r\nsecond\n\nfourth\n")
    reader = follow(tmp_path, limits=SMALL)
    assert reader.drain() == [b"first", b"second", b"", b"fourth"]
    assert [position.offset for position in reader.positions] == [0, 7, 14, 15]
    assert reader.progress["g1"].offset == eve.stat().st_size


def test_nothing_is_met_before_the_first_line_is_complete(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    reader = follow(tmp_path)
    assert reader.drain() == []
    eve.write_bytes(b'{"half":')
    assert reader.drain() == []
    append(eve, b"1}\n")
    assert reader.drain() == [b'{"half":1}']


def test_a_partial_last_line_waits(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a") + b"par")
    reader = follow(tmp_path)
    assert reader.drain() == [b'{"n":"a"}']
    assert reader.tail.status().lag_bytes == 3
    append(eve, b"tial\n")
    assert reader.drain() == [b"partial"]
    assert reader.tail.status().lag_bytes == 0


def test_two_rotations_between_two_looks_lose_nothing(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
    reader.drain()
    eve.rename(tmp_path / "eve.json.2")
    (tmp_path / "eve.json.1").write_bytes(lines("b", "c"))
    eve.write_bytes(lines("d"))
    assert reader.drain() == [b'{"n":"b"}', b'{"n":"c"}', b'{"n":"d"}']


def test_files_rotated_long_before_the_first_look_are_not_ours(follow: Follow, tmp_path: Path) -> None:
    eve, ancient, recent = (tmp_path / name for name in ("eve.json", "eve.json.2", "eve.json.1"))
    for path, age_s in ((ancient, OURS_S + 60), (recent, OURS_S - 60), (eve, OURS_S + 60)):
        path.write_bytes(lines(path.name))
        aged(path, age_s)
    reader = follow(tmp_path)
    assert reader.drain() == names("eve.json.1", "eve.json")
    aged(ancient, 0)
    assert reader.drain(after_s=11) == [], "touched, and no line more"
    assert reader.restarted().drain() == []


def test_cut_in_place_and_grown_past_the_offset_is_noticed(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    reader = follow(tmp_path)
    reader.drain()
    os.truncate(eve, 0)
    append(eve, lines("c", "d", "e", "f"))
    assert reader.drain() == [b'{"n":"c"}', b'{"n":"d"}', b'{"n":"e"}', b'{"n":"f"}']


def test_copytruncate_reads_the_rest_from_the_copy(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
    reader.drain()
    append(eve, lines("b"))
    (tmp_path / "eve.json.1").write_bytes(eve.read_bytes())
    os.truncate(eve, 0)
    append(eve, lines("c"))
    assert reader.drain() == [b'{"n":"b"}', b'{"n":"c"}']
    assert reader.positions[-2] == Position("g1", len(lines("a")))


def test_a_restarted_tail_goes_on_where_the_store_is(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    first = follow(tmp_path)
    first.drain()
    append(eve, lines("c"))
    second = first.restarted()
    assert second.drain() == [b'{"n":"c"}']
    assert second.positions[-1].source == "g1"


def test_rotation_while_nobody_watched(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    (tmp_path / "eve.json.9").write_bytes(lines("before the installation"))
    os.utime(tmp_path / "eve.json.9", (1, 1))
    eve.write_bytes(lines("a"))
    first = follow(tmp_path)
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


def test_a_line_longer_than_a_read_comes_cut_and_the_next_one_whole(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(b"ok\n" + b"x" * 300)
    reader = follow(tmp_path, limits=SMALL)
    assert reader.drain() == [b"ok"]
    append(eve, b"x" * 100 + b"\nnext\n")
    cut, following = reader.drain()
    assert cut == b"x" * 64
    assert following == b"next"
    assert reader.positions[-1].offset == 3 + 401


def test_what_is_not_a_regular_file_is_left_alone(follow: Follow, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "eve.json")
    assert follow(tmp_path).drain() == []


def test_a_renamed_file_is_read_while_it_is_still_written_and_its_last_line_is_waited_for(
    follow: Follow, tmp_path: Path
) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
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


def test_a_renamed_file_that_was_let_go_is_taken_up_again(follow: Follow, tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
    reader.drain()
    eve.rename(old)
    eve.write_bytes(lines("b"))
    reader.drain()
    reader.drain(after_s=100)
    assert reader.tail.status().open_files == 1
    append(old, lines("straggler"))
    assert reader.drain(after_s=11) == names("straggler")
    assert reader.positions[-1] == Position("g1", len(lines("a")))


def test_turns(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "eve.1.json").write_bytes(lines(*"abcd"))
    (tmp_path / "eve.2.json").write_bytes(lines("x"))
    reader = follow(tmp_path, limits=SMALL)
    assert reader.drain() == names("a", "b", "x", "c", "d")
    (tmp_path / "eve.3.json").write_bytes(lines("late"))
    assert reader.drain() == names("late")
