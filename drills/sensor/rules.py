"""Which rules a sensor works with: the active ones of its file, without those that it refused when it loaded them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wardwatch.errors import UserError

_SID = re.compile(r"\bsid:\s*(\d+)\s*;")


@dataclass(frozen=True, slots=True)
class RefusedRule:
    """A rule that Suricata did not load. `line` counts from 1 in its file; `sid` is None when the rule names none."""

    line: int
    sid: int | None
    rule: str


def active_sids(rules: Path) -> frozenset[int]:
    """The signature ids of a rule file's active lines."""
    try:
        lines = rules.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(f"the rules {rules} cannot be read: {error.strerror}") from None
    active = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return frozenset(sid for line in active if (sid := _sid(line)) is not None)


def refused_rules(answer: Sequence[dict[str, Any]]) -> tuple[RefusedRule, ...]:
    """What Suricata answers to `ruleset-failed-rules`: for each a `rule`, the `filename` and the `line`."""
    return tuple(RefusedRule(int(entry["line"]), _sid(entry["rule"]), entry["rule"]) for entry in answer)


def _sid(rule: str) -> int | None:
    match = _SID.search(rule)
    return int(match[1]) if match else None
