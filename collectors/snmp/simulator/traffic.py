"""Traffic as a pure function of time: how many octets a flow has carried at any instant, in closed form.

A flow follows a weekly curve (hourly knots, linear between them, Asia/Ho_Chi_Minh, which keeps UTC+7 all year). Its
fluctuation is a warp of time: octets(t) = peak * W(t + sum of a*sin(w*t + phase)) where W is the curve's integral and
every a*w is small enough for the warped time to run forward always. So the rate is the curve times a moving factor,
counters are monotone, and any two instants agree whoever asks first.
"""

import hashlib
import math
from dataclasses import dataclass
from itertools import accumulate

EPOCH_S = 1_704_042_000
"""Monday 2024-01-01 00:00 in Asia/Ho_Chi_Minh, as Unix time: the zero of all flows and the start of a week."""

HOUR_S = 3600
WEEK_S = 7 * 24 * HOUR_S

# (period in s, share of the rate that swings): the sum stays under 1, which keeps counters monotone.
_SWINGS = ((421.0, 0.28), (1873.0, 0.22), (11_003.0, 0.12))


class WeeklyCurve:
    """Relative load (1 at the peak) by hour of the week, and its integral."""

    def __init__(self, workday: tuple[float, ...], weekend: tuple[float, ...]) -> None:
        knots = workday * 5 + weekend * 2
        if len(knots) != 168:
            raise ValueError("a curve has 24 hours a day")
        self.knots = (*knots, knots[0])
        areas = [(one + two) / 2 * HOUR_S for one, two in zip(self.knots, self.knots[1:], strict=False)]
        self._before = (0.0, *accumulate(areas))

    def load(self, elapsed_s: float) -> float:
        """The relative load at a time since the epoch of flows."""
        hour, part = divmod(elapsed_s % WEEK_S, HOUR_S)
        here, there = self.knots[int(hour)], self.knots[int(hour) + 1]
        return here + (there - here) * part / HOUR_S

    def integral(self, elapsed_s: float) -> float:
        """Seconds at full load since the epoch of flows."""
        weeks, within = divmod(elapsed_s, WEEK_S)
        hour = int(within // HOUR_S)
        part = within - hour * HOUR_S
        here, there = self.knots[hour], self.knots[hour + 1]
        partial = here * part + (there - here) * part * part / (2 * HOUR_S)
        return weeks * self._before[-1] + self._before[hour] + partial


def _percent(hours: str) -> tuple[float, ...]:
    """Loads in percent of the peak, one an hour from midnight."""
    return tuple(int(hour) / 100 for hour in hours.split())


CURVES: dict[str, WeeklyCurve] = {
    # People at desks: busy 9-11 and 14-16, a dip at lunch, quiet nights and week-ends.
    "office": WeeklyCurve(
        _percent("5 4 4 4 5 7 14 38 76 98 100 80 36 58 94 100 84 42 22 17 14 11 8 6"),
        _percent("5 4 4 4 4 5 7 11 16 18 17 14 11 12 14 14 12 10 9 9 8 7 6 5"),
    ),
    # Servers: citizens use the portal in the evening too, and backups run from one to three at night.
    "centre": WeeklyCurve(
        _percent("22 72 88 58 20 18 24 46 80 98 100 84 55 66 94 99 84 58 46 44 42 36 28 24"),
        _percent("22 84 96 66 20 16 18 22 28 32 32 30 27 28 30 30 29 28 28 29 28 26 24 22"),
    ),
    # Management traffic: the same at any hour.
    "steady": WeeklyCurve(_percent("100 " * 24), _percent("100 " * 24)),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic in one direction: octets a second at the peak of a curve, with phases (radians) of its fluctuation."""

    peak_octets_ps: float
    curve: str
    phases: tuple[float, float, float]

    @classmethod
    def seeded(cls, peak_bps: float, curve: str, *seed: object) -> "Flow":
        """A flow whose phases follow from the seed words."""
        return cls(peak_bps / 8, curve, (_phase(0, seed), _phase(1, seed), _phase(2, seed)))

    def octets(self, at_s: float) -> float:
        """Octets carried since the epoch of flows, at a Unix time. Exact to some ten octets in 2026."""
        elapsed = at_s - EPOCH_S
        warped = elapsed
        for (period, share), phase in zip(_SWINGS, self.phases, strict=True):
            speed = math.tau / period
            warped += share / speed * math.sin(speed * elapsed + phase)
        return self.peak_octets_ps * CURVES[self.curve].integral(warped)


def fraction(*words: object) -> float:
    """A number in [0, 1) that follows from the words alone, the same on every machine."""
    digest = hashlib.blake2b("\0".join(str(word) for word in words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / (1 << 64)


def _phase(number: int, seed: tuple[object, ...]) -> float:
    return fraction("phase", number, *seed) * math.tau
