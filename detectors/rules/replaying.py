"""Two sets over the same captures: which alerts a new set adds, and which it loses."""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from wardwatch.errors import UserError, WardWatchError

SUFFIXES = frozenset({".pcap", ".pcapng", ".cap"})
CONFIGURATION = Path(__file__).with_name("replay.yaml")
MOST_CAPTURES = 2000
_MAGIC = frozenset(bytes.fromhex(word) for word in ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a"))


class CaptureReader(Protocol):
    """A sensor with its rules loaded (`drills.sensor.SuricataSensor`)."""

    async def replay(self, capture: Path, output: Path) -> Path:
        """Reads a capture and returns the path of its `eve.json`. Raises `EngineFault`."""
        ...


Reading = Callable[[Path, Path], AbstractAsyncContextManager[CaptureReader]]
"""A sensor with this configuration and these rules."""


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """Alerts of one rule before and after."""

    sid: int
    message: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`rules` are those whose alerts differ, the most changed first. `unread` names captures that Suricata could not
    read, each with the reason."""

    captures: int
    alerts_before: int
    alerts_after: int
    rules: tuple[RuleDifference, ...]
    unread: tuple[tuple[str, str], ...] = ()


def captures_in(folder: Path) -> Sequence[Path]:
    """The captures below a folder, sorted. Raises `UserError` where there is none, or more than are read at once."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not found:
        raise UserError(f"{folder} holds no captures", "put *.pcap or *.pcapng there, or name another folder")
    if len(found) > MOST_CAPTURES:
        raise UserError(f"{folder} holds {len(found)} captures, at most {MOST_CAPTURES} are read", "take fewer")
    return found


def replay(reading: Reading, configuration: Path, old: str, new: str, captures: Sequence[Path]) -> Difference:
    """Both sets over each capture by the real Suricata, which must take every rule of them. Raises `EngineFault`."""
    with tempfile.TemporaryDirectory(prefix="wardwatch-replay-") as made:
        folder = Path(made)
        before, _ = asyncio.run(_alerts(reading, configuration, old, captures, folder / "old"))
        after, unread = asyncio.run(_alerts(reading, configuration, new, captures, folder / "new"))
    differing = [
        RuleDifference(sid, message, before[sid, message], after[sid, message])
        for sid, message in before.keys() | after.keys()
        if before[sid, message] != after[sid, message]
    ]
    differing.sort(key=lambda each: (-abs(each.after - each.before), each.sid))
    return Difference(len(captures), before.total(), after.total(), tuple(differing), unread)


def replay_configuration(installation: Path | None, folder: Path) -> Path:
    """Our configuration for replays with the variables of the installation's own, which its rules may name."""
    ours = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    try:
        theirs = {} if installation is None else yaml.safe_load(installation.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        theirs = {}
    groups = theirs.get("vars") if isinstance(theirs, dict) else None
    for name, own in ours["vars"].items():
        found = groups.get(name) if isinstance(groups, dict) else None
        own.update(found if isinstance(found, dict) else {})
    written = folder / "suricata.yaml"
    written.write_text("%YAML 1.1\n---\n" + yaml.safe_dump(ours, sort_keys=False), encoding="utf-8")
    return written


def difference_of(plain: Mapping[str, Any]) -> Difference:
    """A difference as it was written by `dataclasses.asdict`."""
    return Difference(
        plain["captures"],
        plain["alerts_before"],
        plain["alerts_after"],
        tuple(RuleDifference(**rule) for rule in plain["rules"]),
        tuple((name, reason) for name, reason in plain["unread"]),
    )


async def _alerts(
    reading: Reading, configuration: Path, rules: str, captures: Sequence[Path], folder: Path
) -> tuple[Counter[tuple[int, str]], tuple[tuple[str, str], ...]]:
    """Alerts counted by sid and message, and the captures that could not be read."""
    folder.mkdir()
    file = folder / "suricata.rules"
    file.write_text(rules, encoding="utf-8")
    found: Counter[tuple[int, str]] = Counter()
    unread = []
    async with reading(configuration, file) as sensor:
        for number, capture in enumerate(captures):
            if not _is_capture(capture):
                unread.append((capture.name, "this is no capture file"))
                continue
            try:
                eve = await sensor.replay(capture, folder / str(number))
            except WardWatchError as error:
                unread.append((capture.name, error.message))
                continue
            found.update(await asyncio.to_thread(_counted, eve))
            eve.unlink()
    return found, tuple(unread)


def _is_capture(path: Path) -> bool:
    """Suricata reads what is none without a word."""
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def _counted(eve: Path) -> Counter[tuple[int, str]]:
    found: Counter[tuple[int, str]] = Counter()
    with eve.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if '"event_type":"alert"' in line:
                alert = json.loads(line)["alert"]
                found[int(alert["signature_id"]), str(alert["signature"])] += 1
    return found
