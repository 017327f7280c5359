"""A set that some sensors try before the others: when it goes on, when it stops. Pure but for reading and writing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from detectors.rules.versions import Deed, Entry
from wardwatch.edges import LOCAL_EDGES
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.shipping.rules import LOCAL

EVERY_S = 15.0
"""How often a rollout under way is looked at."""

RULES_PART = "rules"
"""The part under which an edge reports how its sensor's rules are (`wardwatch.app.rules`)."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """`tried_at` is when the last of the first sensors had loaded the set; from then on it is watched for `for_s`."""

    version: str
    first: tuple[str, ...]
    for_s: float
    began_at: datetime
    by: str
    why: str
    tried_at: datetime | None = None


class Turn(StrEnum):
    """What is to be done with a rollout now."""

    WAIT = "wait"
    PROMOTE = "promote"
    HALT = "halt"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` says why it halts; `waiting` names the sensors that have not loaded the set yet."""

    turn: Turn
    rollout: Rollout
    reason: str = ""
    waiting: tuple[str, ...] = ()


def judge(rollout: Rollout, asked: Mapping[str, str], parts: Sequence[PartHealth], now: datetime) -> Judgement:
    """`asked` has the version that each edge named when it asked last: it has tried that one."""
    waiting = tuple(edge for edge in rollout.first if asked.get(edge) != rollout.version)
    for part in parts:
        edge = LOCAL if part.edge in LOCAL_EDGES else part.edge.partition("/")[0]
        reported = part.part == RULES_PART and edge in rollout.first and edge not in waiting
        if reported and part.state is PartState.FAILED:
            return Judgement(Turn.HALT, rollout, f"{edge}: {part.detail.en}")
    if waiting:
        return Judgement(Turn.WAIT, rollout, waiting=waiting)
    if rollout.tried_at is None:
        return Judgement(Turn.WAIT, replace(rollout, tried_at=now))
    over = now - rollout.tried_at >= timedelta(seconds=rollout.for_s)
    return Judgement(Turn.PROMOTE if over else Turn.WAIT, rollout)


def health(rollout: Rollout | None, last: Entry | None, waiting: Sequence[str], now: datetime) -> list[PartHealth]:
    """The part `rollout` of the core: how far one is, or that the last one was halted. Nothing where nothing was
    ever deployed. `last` is the newest entry of the history."""
    if rollout is not None:
        names = ", ".join(waiting)
        words = Words(
            f"Đang thử bộ luật {rollout.version:.12} ở {', '.join(rollout.first)}."
            + (f" Chưa nạp: {names}." if names else ""),
            f"The rules {rollout.version:.12} are tried by {', '.join(rollout.first)}."
            + (f" Not loaded yet: {names}." if names else ""),
        )
        return [_part(now, PartState.RUNNING, rollout.began_at, words)]
    if last is not None and last.deed is Deed.HALTED and last.by.startswith("system:"):
        words = Words(
            f"Bộ luật {last.version:.12} bị dừng, cảm biến giữ bộ cũ: {last.why}",
            f"The rules {last.version:.12} were halted, sensors keep the old ones: {last.why}",
        )
        return [_part(now, PartState.FAILED, last.at, words)]
    return [] if last is None else [_part(now, PartState.RUNNING, last.at, NO_WORDS)]


def _part(now: datetime, state: PartState, since: datetime, words: Words) -> PartHealth:
    return PartHealth("core", "rollout", now, state, since, detail=words, every_s=EVERY_S)


def read_rollout(path: Path) -> Rollout | None:
    """The rollout under way; None where there is none."""
    try:
        plain = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    times = {name: plain[name] and datetime.fromisoformat(plain[name]) for name in ("began_at", "tried_at")}
    return Rollout(**(plain | {"first": tuple(plain["first"])} | times))


def write_rollout(path: Path, rollout: Rollout) -> None:
    """Replaces what stands there, whole."""
    aside = path.with_name(f".{path.name}.aside")
    plain = asdict(rollout) | {
        "began_at": rollout.began_at.isoformat(),
        "tried_at": rollout.tried_at and rollout.tried_at.isoformat(),
    }
    aside.write_text(json.dumps(plain), encoding="utf-8")
    aside.rename(path)
