"""Copies of a log: made by people, linked, restored, of other threads, packed."""

import gzip
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


def packed(path: Path) -> None:
    """As gzip does: the new file beside the old, then the old one goes."""
    status = path.stat()
    target = path.with_name(f"{path.name}.gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    path.unlink()


@pytest.mark.parametrize("name", ["eve.json.bak", "eve.copy.json", "eve.7.json", "eve-2026-01-01.json"])
def test_a_copy_is_not_read_twice(follow: Follow, tmp_path: Path, name: str) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b"))
    reader = follow(tmp_path)
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


def test_a_restored_old_file_is_known(follow: Follow, tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    eve.write_bytes(lines("a", "b"))
    reader = follow(tmp_path)
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


def test_a_linked_log_and_its_rotation_where_it_really_is(follow: Follow, tmp_path: Path) -> None:
    seen, real = tmp_path / "seen", tmp_path / "real"
    seen.mkdir()
    real.mkdir()
    (real / "eve.json").write_bytes(lines("a"))
    (seen / "eve.json").symlink_to(real / "eve.json")
    os.link(real / "eve.json", seen / "eve.json.link")
    reader = follow(seen)
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


def test_a_folder_that_comes_later(follow: Follow, tmp_path: Path) -> None:
    reader = follow(tmp_path / "later")
    assert reader.drain() == []
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "eve.json").write_bytes(lines("a"))
    assert reader.drain() == names("a")


def test_what_cannot_be_read_is_said_once_and_read_when_it_can_be(
    follow: Follow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "eve.json").write_bytes(lines("a"))
    opened = os.open

    def refused(path: Path, flags: int) -> int:
        if str(path).endswith("eve.json"):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    reader = follow(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        assert reader.drain() == reader.drain(after_s=2) == []
        assert reader.tail.status().unreadable == {str(tmp_path / "eve.json"): "Permission denied"}
    assert caplog.text.count("file cannot be read") == 1
    assert reader.drain(after_s=2) == names("a")
    assert reader.tail.status().unreadable == {}


@pytest.mark.parametrize("log", ["eve.json.{}", "eve.json.{}.1700000000", "eve.{}.json"])
def test_threads_write_logs_of_their_own(follow: Follow, tmp_path: Path, log: str) -> None:
    paths = [tmp_path / log.format(number) for number in (1, 2)]
    for number, path in enumerate(paths):
        path.write_bytes(lines(f"old{number}"))
    reader = follow(tmp_path)
    assert sorted(reader.drain()) == names("old0", "old1")
    for number, path in enumerate(paths):
        append(path, lines(f"new{number}"))
    assert sorted(reader.drain()) == names("new0", "new1")
    following = tmp_path / log.format(1).replace("17", "18")
    if not following.exists():
        following.write_bytes(lines("next"))
        assert reader.drain() == names("next")


def test_a_file_left_out_that_grows_is_a_threads_log_and_read_whole(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("stale"))
    (tmp_path / "eve.json.1").write_bytes(lines("a"))
    aged(tmp_path / "eve.json.1", OURS_S + 60)
    reader = follow(tmp_path)
    assert reader.drain() == names("stale")
    append(tmp_path / "eve.json.1", lines("b"))
    assert reader.drain(after_s=11) == names("a", "b")


def test_packed_before_it_was_read_to_its_end(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
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


def test_packed_while_it_waits_is_no_loss(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("live"))
    reader = follow(tmp_path, limits=SMALL)
    reader.drain()
    for number in (1, 2):
        (tmp_path / f"eve.json.{number}").write_bytes(lines(*[f"{number}{letter}" for letter in "abc"]))
        os.utime(tmp_path / f"eve.json.{number}", (number, number))
    assert reader.tail.read() is not None
    packed(tmp_path / "eve.json.2")
    assert reader.drain(after_s=2) == names("1c", "2a", "2b", "2c")
    assert reader.lost == Counter()


def test_a_damaged_packed_file_is_unreadable_and_stops_nothing(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("a"))
    reader = follow(tmp_path)
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


def test_thousands_of_rotated_files_cost_neither_descriptors_nor_time(follow: Follow, tmp_path: Path) -> None:
    reader = follow(tmp_path)
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


def test_a_copy_made_before_anything_was_read_is_not_read_as_well(follow: Follow, tmp_path: Path) -> None:
    for name in ("eve.json.1", "eve.json.bak"):
        (tmp_path / name).write_bytes(lines("a", "b"))
    assert follow(tmp_path).drain() == names("a", "b")


def test_of_two_copies_the_one_that_goes_on_is_read(follow: Follow, tmp_path: Path) -> None:
    for name in ("eve.json.1", "eve.json.bak"):
        (tmp_path / name).write_bytes(lines("a"))
    reader = follow(tmp_path)
    assert reader.drain() == names("a")
    for name in ("eve.json.1", "eve.json.bak"):
        append(tmp_path / name, lines(name))
        reader.drain(after_s=11)
    assert reader.drain(after_s=11) == []
    assert sorted(reader.lines) == sorted(names("a", "eve.json.1", "eve.json.bak")), "each writer's lines, once"


def test_what_an_old_copy_does_not_hold_is_read_from_the_packed_log(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("a"))
    reader = follow(tmp_path)
    assert reader.drain() == names("a")
    append(tmp_path / "eve.json", lines("b"))
    (tmp_path / "eve.json.bak").write_bytes((tmp_path / "eve.json").read_bytes())
    append(tmp_path / "eve.json", lines("c"))
    (tmp_path / "eve.json").rename(tmp_path / "eve.json.1")
    packed(tmp_path / "eve.json.1")
    (tmp_path / "eve.json").write_bytes(lines("d"))
    assert sorted(reader.restarted().drain()) == names("b", "c", "d")
