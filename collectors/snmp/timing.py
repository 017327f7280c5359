"""How long each column of a device took, so that the page can say which one is slow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import known_name
from collectors.snmp.tables import Row
from wardwatch.model.records import DeviceFacts, Outcome

SLOW_MS = 1000.0
MOST_SLOW = 10


@dataclass(slots=True)
class Timing:
    """One column; `outcome` is what it failed with, if it did."""

    oid: str
    took_ms: float = 0.0
    outcome: Outcome | None = None


@dataclass(slots=True)
class Timings:
    """The columns that were slow or failed in one visit."""

    monotonic: Callable[[], float]
    bad: list[Timing] = field(default_factory=list)

    @contextmanager
    def of(self, oid: str) -> Iterator[Timing]:
        """Times what is done inside; who fails there says so in `outcome`."""
        timing = Timing(oid)
        began = self.monotonic()
        try:
            yield timing
        except AgentFailure as failure:
            timing.outcome = failure.outcome
            raise
        finally:
            timing.took_ms = (self.monotonic() - began) * 1000.0
            if timing.took_ms >= SLOW_MS or timing.outcome is not None:
                self.bad.append(timing)


Slow = Mapping[str, Timing]
"""By OID of the column."""


def slow_now(before: Slow, bad: Sequence[Timing], anew: bool) -> Slow:
    """What is known to be slow after a visit: what was so before and what this one met, or, where everything was read
    `anew`, the latter alone."""
    met = {timing.oid: timing for timing in bad}
    if not anew and met.keys() <= before.keys():
        return before
    merged = met if anew else {**before, **met}
    worst = sorted(merged.values(), key=lambda timing: -timing.took_ms)[:MOST_SLOW]
    return {timing.oid: timing for timing in worst}


def slow_facts(device: str, at: datetime, slow: Slow) -> DeviceFacts:
    """The fact `slow`: a row a column, with how long it took and, where it failed, how."""
    rows: tuple[Row, ...] = tuple(
        {
            "oid": timing.oid,
            "name": known_name(timing.oid),
            "ms": round(timing.took_ms),
            "outcome": timing.outcome.value if timing.outcome else None,
        }
        for timing in slow.values()
    )
    return DeviceFacts(device, "slow", at, rows)
