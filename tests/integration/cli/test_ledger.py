"""`wardwatch ledger` and `events rejected`: on the data itself, and through the socket of a running core."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wardwatch.model.access import Actor
from wardwatch.model.records import Batch
from wardwatch.model.time import utc_now
from wardwatch.records import open_records
from wardwatch.settings import DataFolder

Command = Callable[..., "subprocess.CompletedProcess[str]"]

GOOD = b'{"timestamp":"2026-01-02T03:04:05.000006+0700","event_type":"flow","src_ip":"10.0.0.1"}'
HOSTILE = b'\x1b[2J\x1b]0;owned\x07 {"event_type":'


def test_an_import_is_in_the_ledger_and_its_bad_lines_are_shown_safely(tmp_path: Path, wardwatch: Command) -> None:
    (tmp_path / "eve.json").write_bytes(b"\n".join((GOOD, HOSTILE, GOOD, b"x" * 5000)) + b"\n")
    for _ in range(2):
        wardwatch("events", "import", "eve.json", "--data", "data")
    (row,) = json.loads(wardwatch("ledger", "--data", "data", "--json").stdout)["rows"]
    assert (row["edge"], row["source"].partition(":")[0], row["balance"]) == ("command-line", "sha256", "even")
    assert (row["read"], row["stored"], row["duplicates"], row["rejected"], row["missing"]) == (8, 2, 4, 2, 0)
    shown = wardwatch("ledger", "--data", "data")
    assert (shown.returncode, row["source"] in shown.stdout) == (0, True)

    listed = wardwatch("events", "rejected", "--data", "data")
    assert "\\x1b[2J" in listed.stdout
    assert "\x1b" not in listed.stdout
    assert "and 4800 characters more" in listed.stdout
    first = json.loads(wardwatch("events", "rejected", "--data", "data", "--json", "--source", row["source"]).stdout)[1]
    whole = wardwatch("events", "rejected", "--data", "data", "--json", "--at", f"{first['source']}:{first['offset']}")
    assert json.loads(whole.stdout)[0]["original"] == HOSTILE.decode()


def test_what_does_not_add_up_is_the_exit_code(tmp_path: Path, wardwatch: Command) -> None:
    data = DataFolder(tmp_path / "data")
    records = open_records(data.records, utc_now)
    records.append(Actor.system("test"), Batch("edge\x1b", "1", 1, read={"eve": 3}, drops={"event": 2}))
    records.close()
    shown = wardwatch("ledger", "--data", "data")
    assert shown.returncode == 1
    assert "OUT" in shown.stdout
    assert "dropped 2 records: event" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "1 of 1 rows of the ledger do not add up" in shown.stderr


def test_mistakes_are_said(tmp_path: Path, wardwatch: Command) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    assert "nothing was read" in wardwatch("ledger", "--data", "data").stdout
    for arguments in (("--at", "nonsense"), ("--at", "x:1")):
        assert wardwatch("events", "rejected", "--data", "data", *arguments).returncode == 2
    assert wardwatch("ledger", "--data", "none").returncode == 2


@contextmanager
def running_core(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "wardwatch", "core", "--data", str(folder), "--listen", "127.0.0.1:18097"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 40
        while not DataFolder(folder).socket.exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def test_through_the_socket_of_a_running_core(tmp_path: Path, wardwatch: Command) -> None:
    (tmp_path / "eve.json").write_bytes(GOOD + b"\n" + HOSTILE + b"\n")
    wardwatch("events", "import", "eve.json", "--data", "data")
    beside = [wardwatch(*arguments).stdout for arguments in _questions()]
    with running_core(tmp_path / "data"):
        assert [wardwatch(*arguments).stdout for arguments in _questions()] == beside
        position = json.loads(beside[1])[0]
        whole = wardwatch(
            "events", "rejected", "--data", "data", "--json", "--at", f"{position['source']}:{position['offset']}"
        )
        assert json.loads(whole.stdout)[0]["original"] == HOSTILE.decode()


def _questions() -> tuple[tuple[str, ...], ...]:
    return ("ledger", "--data", "data", "--json"), ("events", "rejected", "--data", "data", "--json")
