"""What a round of echoes says of a target: loss, round trip, jitter. Pure."""

import itertools
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reachability:
    """`rtt_ms` is the mean round trip, `jitter_ms` the mean difference of two that follow each other (RFC 3550's
    without its smoothing); None where too few came back. `loss_pct` is of 100."""

    loss_pct: float
    rtt_ms: float | None
    jitter_ms: float | None


@dataclass(slots=True)
class Tries:
    """The tries of one target: when each was sent, and what each took."""

    address: str
    sent_ns: dict[int, int] = field(default_factory=dict)
    rtt_ms: dict[int, float] = field(default_factory=dict)

    def heard(self, attempt: int, at_ns: int) -> bool:
        """Takes a reply; False for one that was not waited for (a duplicate, or nothing was sent)."""
        if attempt not in self.sent_ns or attempt in self.rtt_ms:
            return False
        self.rtt_ms[attempt] = max(at_ns - self.sent_ns[attempt], 0) / 1e6
        return True

    def reachability(self, attempts: int) -> Reachability:
        """What is known after so many attempts; one that could not be sent is lost too."""
        took = [self.rtt_ms[attempt] for attempt in sorted(self.rtt_ms)]
        loss = 100.0 * (attempts - len(took)) / attempts
        mean = sum(took) / len(took) if took else None
        steps = [abs(later - earlier) for earlier, later in itertools.pairwise(took)]
        return Reachability(loss, mean, sum(steps) / len(steps) if steps else None)
