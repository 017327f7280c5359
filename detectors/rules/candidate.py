"""A set that was built and is not deployed: what is in it, where it came from, what is wrong with it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from detectors.rules.parsing import Rule, read_rules
from detectors.rules.places import RULES, RulePlaces
from detectors.rules.replaying import Difference, difference_of
from wardwatch.errors import NotFound, Problem, StoreFault

_TOLD, _REPLAY = "candidate.json", "replay.json"


@dataclass(frozen=True, slots=True)
class Counts:
    """`active` rules are loaded; `disabled` stand in the set without effect; `broken` were taken out of it."""

    active: int
    disabled: int
    broken: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """`version` names the content; `sources` are descriptions (`detectors.rules.fetching.fetched_as_json`)."""

    version: str
    built_at: datetime
    by: str
    counts: Counts
    sources: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Rules by sid that a set has and another has not, and those whose text differs. Disabled rules do not count."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[Rule, ...]


def changes(old: Iterable[Rule], new: Iterable[Rule]) -> Changes:
    """What the new set changes."""
    before, after = _active(old), _active(new)
    return Changes(
        tuple(after[sid] for sid in sorted(after.keys() - before.keys())),
        tuple(before[sid] for sid in sorted(before.keys() - after.keys())),
        tuple(after[sid] for sid in sorted(after.keys() & before.keys()) if after[sid].text != before[sid].text),
    )


def counted(text: str, broken: int) -> Counts:
    """How many rules a set has."""
    rules = list(read_rules(text))
    active = sum(rule.enabled for rule in rules)
    return Counts(active, max(len(rules) - active - broken, 0), broken)


def keep_candidate(places: RulePlaces, text: str, candidate: Candidate) -> None:
    """Replaces the candidate; what the old one did in a replay goes with it. Raises `StoreFault`."""
    folder = places.candidate
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _TOLD).unlink(missing_ok=True)
        (folder / _REPLAY).unlink(missing_ok=True)
        (folder / RULES).write_text(text, encoding="utf-8")
        plain = asdict(candidate) | {"built_at": candidate.built_at.isoformat()}
        (folder / _TOLD).write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise StoreFault(f"the candidate {folder} cannot be written: {error.strerror}") from None


def read_candidate(places: RulePlaces) -> tuple[Candidate, str] | None:
    """The candidate and its rules; None where none was built."""
    folder = places.candidate
    try:
        told, text = json.loads((folder / _TOLD).read_bytes()), (folder / RULES).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreFault(
            f"the candidate {folder} cannot be read: {error}", "wardwatch rules update builds it"
        ) from None
    candidate = Candidate(
        version=told["version"],
        built_at=datetime.fromisoformat(told["built_at"]),
        by=told["by"],
        counts=Counts(**told["counts"]),
        sources=tuple(told["sources"]),
        problems=tuple(Problem(**problem) for problem in told["problems"]),
        warnings=tuple(told["warnings"]),
    )
    return candidate, text


def wanted_candidate(places: RulePlaces) -> tuple[Candidate, str]:
    """The candidate. Raises `NotFound` where none was built."""
    found = read_candidate(places)
    if found is None:
        raise NotFound("there is no candidate", "wardwatch rules update builds one")
    return found


def keep_difference(places: RulePlaces, version: str, difference: Difference) -> None:
    """Keeps what a replay of that candidate has shown."""
    plain = {"version": version, "difference": asdict(difference)}
    (places.candidate / _REPLAY).write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")


def read_difference(places: RulePlaces, version: str) -> Difference | None:
    """What the replay of that candidate has shown; None before there was one."""
    try:
        told = json.loads((places.candidate / _REPLAY).read_bytes())
    except (OSError, ValueError):
        return None
    return difference_of(told["difference"]) if told["version"] == version else None


def _active(rules: Iterable[Rule]) -> dict[int, Rule]:
    return {rule.sid: rule for rule in rules if rule.enabled}


def rule_files(folder: Path) -> Sequence[Path]:
    """The `*.rules` of a folder, sorted; none where there is no folder."""
    return sorted(folder.glob("*.rules"))
