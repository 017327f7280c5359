"""A rule of ours: what it is, which events it means, and the term they must meet."""

import uuid
from dataclasses import dataclass

from detectors.sigma.sources import Logsource
from detectors.sigma.terms import Term
from wardwatch.model.status import Severity
from wardwatch.model.text import Words

NAMELESS = uuid.UUID("8f1c6c0e-0f5d-5e1b-9a53-7a0f0f9c4f52")

SEVERITIES: dict[str, Severity] = {
    "informational": Severity.INFO,
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class About:
    """What people are told of a rule. `techniques` and `tactics` are ATT&CK ids (T1190, T1059.001; TA0001)."""

    id: str
    name: str | None
    title: Words
    description: Words
    severity: Severity
    status: str | None
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    tags: tuple[str, ...]
    references: tuple[str, ...]
    false_positives: tuple[str, ...]
    author: str | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that can be matched. `datasets` is empty for a rule whose events we do not have. `silent` rules only
    feed correlations."""

    about: About
    logsource: Logsource
    datasets: tuple[str, ...]
    term: Term
    silent: bool = False
