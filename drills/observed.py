"""What people, or the probes of a live range, observed of expectations that no sensor's record can meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean


class Rating(StrEnum):
    """HSEEP: performed without challenges, with some, with major ones, unable to be performed."""

    P = "P"
    S = "S"
    M = "M"
    U = "U"


SHARE = {Rating.P: 1.0, Rating.S: 0.8, Rating.M: 0.5, Rating.U: 0.0}
"""What of the credit for its time a response keeps; ours, since HSEEP gives letters only."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One observer's word on one expectation.

    `after_s` counts exercise seconds (without pauses) from the inject's start until what was expected was done; None
    says that it was not. `evidence` points at what proves it (a ticket, a message, a probe); a rating that differs from
    what the time proposes has its `reason`.
    """

    after_s: float | None
    by: str
    evidence: str = ""
    rating: Rating | None = None
    reason: str = ""

    def words(self) -> str:
        """For the record: who says so, and on which ground."""
        done = "not done" if self.after_s is None else f"done after {self.after_s:.0f} s"
        rated = f", rated {self.rating}" if self.rating else ""
        told = "; ".join(text for text in (self.evidence, self.reason) if text)
        return f"{self.by}: {done}{rated}{f' ({told})' if told else ''}"


def share_of(observations: Sequence[Observation]) -> float:
    """The share of credit that the ratings leave; evaluators who differ count alike."""
    rated = [SHARE[one.rating] for one in observations if one.rating is not None]
    return fmean(rated) if rated else 1.0


def proposed(credit: float) -> Rating:
    """The rating that the time alone proposes; an evaluator confirms it or says why not."""
    return next((rating for rating, least in ((Rating.P, 1.0), (Rating.S, 0.75), (Rating.M, 0.5)) if credit >= least),
                Rating.U)  # fmt: skip
