"""How the parts of an installation are: what each process, or each part of one, says of itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wardwatch.model.text import NO_WORDS, Words

REPORT_EVERY_S = 5.0
"""How often a part says how it is, unless it announces another pace."""


class PartState(StrEnum):
    """A part as it says itself; `SILENT` is what the core makes of one that no longer says anything."""

    RUNNING = "running"
    RESTARTING = "restarting"  # it ended and is being started again
    FAILED = "failed"  # it ends again and again, or cannot do its work
    STOPPED = "stopped"  # in order, by somebody's will
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part at one moment.

    `edge` is who reports (`supervisor`, `collect`, `ingest`, or a remote edge's name), `part` what is meant (`core`,
    `journal`, `eve`). `at` is the moment of the report, `since` that of the last change of state; `restarts` counts
    since the reporter's own start. `detail` says what a person should know now: a cause, or nothing. `figures` have
    their units in their names (`lag_bytes`, `pending_batches`, `kernel_drops`). `every_s` announces the pace of the
    reports: after three that did not come the part is silent.
    """

    edge: str
    part: str
    at: datetime
    state: PartState
    since: datetime
    restarts: int = 0
    detail: Words = NO_WORDS
    figures: dict[str, float] = field(default_factory=dict)
    every_s: float = REPORT_EVERY_S
