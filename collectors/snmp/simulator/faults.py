"""Scheduled faults as data: what goes wrong, where, from when to when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong with a device for a while; `docs/simulator.md` describes each for its user."""

    DEAD = "dead"
    REBOOT = "reboot"
    MUTE = "mute"
    LINK_DOWN = "link-down"
    COUNTER_WRAP = "counter-wrap"
    SLOW = "slow"
    ENDLESS_WALK = "endless-walk"
    REPEATING_WALK = "repeating-walk"
    MALFORMED = "malformed"


POWER_OFF = frozenset({FaultKind.DEAD, FaultKind.REBOOT})
"""The device is off: no answer, its neighbours' ports go down, and it comes back with a new sysUpTime."""

WITH_PORT = frozenset({FaultKind.LINK_DOWN, FaultKind.COUNTER_WRAP})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in [start, end), both UTC-aware, taken to whole seconds.

    `port` (its ifName) is for link-down and counter-wrap: without it, the first uplink goes down, and all ports wrap.
    `value` is the delay in seconds of `slow` (2), and 32 or 64 for the counters that `counter-wrap` wraps (32).
    """

    kind: FaultKind
    device: str
    port: str | None
    start: datetime
    end: datetime
    value: float | None = None


@dataclass(frozen=True, slots=True)
class FaultSchedule:
    """All faults of a run."""

    faults: tuple[Fault, ...] = ()
