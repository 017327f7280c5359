"""What an examination of the machine finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`missing` stops a part from working; `warning` will hurt later."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and what to do unless it is fine."""

    subject: str
    verdict: Verdict
    found: str
    advice: str = ""
