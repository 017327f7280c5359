"""Lines that no sensor should write: each is stored or refused with a reason, none is lost, and people are told."""

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Command = Callable[..., "subprocess.CompletedProcess[str]"]

STAMP = b'"timestamp":"2026-01-02T03:04:05.000006+0700"'
GOOD = (
    b"{" + STAMP + b',"event_type":"flow","src_ip":"10.0.0.1","src_port":"80","flow":"text"}',
    b"{" + STAMP + b',"event_type":"flow","flow":{"bytes_toserver":99999999999999999999999999,"start":7}}',
    b"{" + STAMP + b',"event_type":"flow","src_ip":"10.0.0.1","src_ip":"10.0.0.9","event_type":"dns"}\r',
    b"{" + STAMP + b',"event_type":"alert","alert":{"signature_id":"x","signature":5,"metadata":[]}}',
    b"{" + STAMP + b',"event_type":"dns","dns":{"answers":[1,null,{"rdata":[]}],"grouped":{"A":[1]}}}',
    b"{" + STAMP + b',"event_type":"http","http":{"url":"http://[::1","hostname":"\\u0000","status":"200"}}',
    b"{" + STAMP + b',"event_type":"../../etc/passwd"}',
)
BAD = (
    b"{" + STAMP + b',"event_type":"fl',
    b'{"a":"' + b"x" * 10_000_000 + b'"}',
    b"{" + STAMP + b',"event_type":"\xff"}',
    b"{" + STAMP + b',"event_type":"a\x00b"}',
    b"{" + STAMP + b',"event_type":"x","a":' + b"[" * 200 + b"]" * 200 + b"}",
    b"[" * 100_000,
    b'{"timestamp":"1970-01-01T00:00:00+0000","event_type":"flow"}',
    b'{"timestamp":"2100-01-01T00:00:00+0000","event_type":"flow"}',
    b'{"timestamp":"2026-01-02T03:04:05.000006","event_type":"flow"}',
    b'{"timestamp":1234567890,"event_type":"flow"}',
    b"",
    b"null",
    b"NaN",
    b"{}",
    b"\x00" * 100,
)


def test_every_line_is_stored_or_refused_and_a_second_time_known(tmp_path: Path, wardwatch: Command) -> None:
    file = tmp_path / "eve.json"
    file.write_bytes(b"\n".join((*GOOD, *BAD, GOOD[0])))  # No line end at the end of the file.
    arguments = ("events", "import", "eve.json", "--data", "data", "--json")
    first, second = wardwatch(*arguments), wardwatch(*arguments)
    stored = len(GOOD) + 1
    assert _counts(first) == {"read": stored + len(BAD), "stored": stored, "duplicates": 0, "rejected": len(BAD)}
    assert _counts(second) == {"read": stored + len(BAD), "stored": 0, "duplicates": stored, "rejected": len(BAD)}
    named = first.stderr.splitlines()
    assert named[0].startswith(f"eve.json:{len(GOOD) + 1}: the line is not JSON")
    assert named[-1] == f"eve.json: and {len(BAD) - 10} more lines are no EVE records"
    counted = wardwatch("events", "count", "--by", "event.module", "--data", "data", "--json")
    assert json.loads(counted.stdout) == {"suricata": stored}


def test_map_goes_on_after_a_bad_line_and_says_so_at_the_end(tmp_path: Path, wardwatch: Command) -> None:
    (tmp_path / "eve.json").write_bytes(b"\n".join((GOOD[0], *BAD, GOOD[1])))
    ended = wardwatch("events", "map", "eve.json")
    originals = [json.loads(line)["event"]["original"] for line in ended.stdout.splitlines()]
    assert originals == [GOOD[0].decode(), GOOD[1].decode()]
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[:-2] == [
        line for line in ended.stderr.splitlines() if line.startswith("eve.json:")
    ]
    assert f"{len(BAD)} of {len(BAD) + 2} lines are no EVE records" in ended.stderr


def test_what_is_no_eve_file_is_refused_before_anything_is_made(tmp_path: Path, wardwatch: Command) -> None:
    (tmp_path / "eve.json.gz").write_bytes(gzip.compress(GOOD[0]))
    for file, said in (("eve.json.gz", "gunzip --keep"), (".", "is a folder"), ("none", "there is no such file")):
        for command in (("map", file), ("import", file, "--data", "data")):
            ended = wardwatch("events", *command)
            assert (ended.returncode, ended.stdout) == (2, "")
            assert said in ended.stderr
    assert not (tmp_path / "data").exists()


def _counts(ended: "subprocess.CompletedProcess[str]") -> dict[str, int]:
    assert ended.returncode == 0, ended.stderr
    counts: dict[str, int] = json.loads(ended.stdout)
    assert counts.pop("seconds") >= 0
    return counts
