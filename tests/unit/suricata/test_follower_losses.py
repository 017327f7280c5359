"""Logs that are cut or deleted: what no copy holds is counted, and only that."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.suricata.follower import GAP_CUT, GAP_DELETED
from collectors.suricata.generation import ReadLimits
from wardwatch.model.records import Position

SMALL = ReadLimits(lines=2, bytes=64)
Follow = Callable[..., Any]


def lines(*names: str) -> bytes:
    return "".join(f'{{"n":"{name}"}}\n' for name in names).encode()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def names(*found: str) -> list[bytes]:
    return lines(*found).splitlines()


def test_cut_to_a_shorter_length_only_what_follows_is_new(follow: Follow, tmp_path: Path) -> None:
    """As after a power loss that took the end of the file."""
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b", "c"))
    reader = follow(tmp_path)
    reader.drain()
    os.truncate(eve, len(lines("a", "b")) + 3)
    assert reader.drain() == []
    append(eve, lines("d", "e"))
    assert reader.drain() == [b'{"n' + lines("d").strip(), *names("e")]
    assert reader.positions[-2] == Position("g3", len(lines("a", "b")))
    assert reader.lost == Counter()


def test_after_a_power_loss_what_grew_past_the_known_offset_is_not_taken_for_known(
    follow: Follow, tmp_path: Path
) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a", "b", "c"))
    reader = follow(tmp_path)
    reader.drain()
    eve.write_bytes(lines("a", "b", "x", "y", "z"))
    assert reader.restarted().drain() == names("a", "b", "x", "y", "z"), "rather twice than never"


def test_copytruncate_counts_what_is_provably_lost(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
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


def test_cut_without_a_copy_counts_what_was_unread(
    follow: Follow, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    eve = tmp_path / "eve.json"
    eve.write_bytes(lines("a"))
    reader = follow(tmp_path)
    reader.drain()
    append(eve, lines("b"))
    reader.tail.status()
    os.truncate(eve, 0)
    assert reader.drain() == []
    assert reader.lost == {GAP_CUT: len(lines("b"))}
    assert "rotate it by renaming and SIGHUP instead" in caplog.text
    append(eve, lines("c"))
    assert reader.drain() == names("c")


def test_a_writer_that_goes_on_at_its_old_offset_leaves_a_hole(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    with eve.open("wb", buffering=0) as writer:
        writer.write(lines("a", "b"))
        reader = follow(tmp_path)
        reader.drain()
        os.truncate(eve, 0)
        reader.drain()
        writer.write(lines("c"))
    assert reader.drain() == names("c")
    append(eve, lines("d"))
    assert reader.restarted().drain() == names("d")


def test_deleted_while_open_is_read_to_its_end_and_the_next_one_taken(follow: Follow, tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    with eve.open("wb", buffering=0) as writer:
        writer.write(lines("a"))
        reader = follow(tmp_path)
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


def test_deleted_before_it_was_opened_is_a_counted_loss(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(lines("live"))
    reader = follow(tmp_path, limits=SMALL)
    reader.drain()
    for number in (1, 2):
        (tmp_path / f"eve.json.{number}").write_bytes(lines(*["abc", "defghi"][number - 1]))
        os.utime(tmp_path / f"eve.json.{number}", (number, number))
    assert reader.tail.read() is not None
    (tmp_path / "eve.json.2").unlink()
    assert reader.drain(after_s=2) == names("c")
    assert reader.lost == {GAP_DELETED: len(lines(*"defghi"))}


def test_an_inode_that_is_used_again_is_another_file(follow: Follow, tmp_path: Path) -> None:
    eve, old = tmp_path / "eve.json", tmp_path / "eve.json.1"
    old.write_bytes(lines("a"))
    eve.write_bytes(lines("b"))
    reader = follow(tmp_path)
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
