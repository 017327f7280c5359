"""What a device's vendor profile tells, read beside its ports: processors, memory, storage and sensors as samples, all
else as facts.

A full reading walks every column of the profile, rarely, and as far as its time goes: the next visit continues where it
stopped. In between only the columns that move are walked; what labels and scales them is remembered. A column that
hangs, loops or cannot be read is left out until the next full reading and kept as slow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gufo.snmp import ValueType

from collectors.snmp.failures import AgentFailure
from collectors.snmp.measured import MEASURED, blocks, labels, moving, static
from collectors.snmp.oids import Column, Kind
from collectors.snmp.profiles.catalogue import Catalogue, columns
from collectors.snmp.profiles.facts import facts
from collectors.snmp.profiles.language import Profile
from collectors.snmp.profiles.reading import recognised
from collectors.snmp.profiles.tree import Tree
from collectors.snmp.session import Session
from collectors.snmp.timing import Timings
from collectors.snmp.walk import Manners, walk
from wardwatch.model.records import DeviceFacts, Outcome, SampleBlock

MOST_ROWS = 65_536
MOST_FAILED_COLUMNS = 8

Walked = dict[str, Mapping[str, ValueType]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of an agent's profile from round to round. `walked` are the columns that label and scale, or, while
    a full reading is under way, all so far; `left` those it still has to walk. `moving` are the columns of values that
    had rows, `told` a fingerprint of the facts of each kind, `system` what the profile says of the device; `age` counts
    the rounds since everything was read, `full` how often it was."""

    profile: Profile | None = None
    walked: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    moving: tuple[str, ...] = ()
    told: Mapping[str, int] = field(default_factory=dict)
    system: Mapping[str, Any] = field(default_factory=dict)
    age: int = 0
    failed: int = 0
    full: int = 0


@dataclass(frozen=True, slots=True)
class InsightSettings:
    """How often: values every `values_every` rounds, everything every `full_every`, the second time after
    `second_after`: an agent that has just started does not know its load yet. The first time comes in the next `spread`
    rounds, in each device's own: or a collector that starts would ask a whole city at once. No column is begun after
    `budget_s` of a visit."""

    values_every: int = 5
    full_every: int = 60
    second_after: int = 10
    spread: int = 5
    budget_s: float = 12.0


class Insight:
    """One visit's look at what the profile knows; what is there after a failure is still good. `phase` is any number of
    the device's own, `anew` says that its agent restarted."""

    def __init__(
        self,
        settings: InsightSettings,
        catalogue: Catalogue,
        before: Known,
        manners: Manners,
        timings: Timings,
        monotonic: Callable[[], float],
        anew: bool,
        phase: int,
    ) -> None:
        # A device that started anew may have other rows at its indexes: all is read again, and told if it differs.
        begun = Known(told=before.told, system=before.system, age=settings.spread) if anew else before
        self.known = replace(begun, age=begun.age + 1)
        self.found: dict[str, Any] = {}
        self.full = False
        self._settings = settings
        self._phase = phase % settings.spread
        self._catalogue = catalogue
        self._manners = manners
        self._timings = timings
        self._monotonic = monotonic

    @property
    def due(self) -> bool:
        """Whether this round has anything to read."""
        known = self.known
        return self._full_due or (bool(known.moving) and known.age % self._settings.values_every == 0)

    @property
    def _full_due(self) -> bool:
        known, settings = self.known, self._settings
        most = settings.full_every if known.full > 1 else min(settings.full_every, settings.second_after)
        if known.profile is None:
            return known.age > self._phase
        return bool(known.left) or known.age >= most

    async def run(self, session: Session) -> None:
        """Reads what is due. Raises `AgentFailure` where the agent falls silent before anything was read."""
        ends = self._monotonic() + self._settings.budget_s
        if self._full_due:
            await self._everything(session, ends)
        else:
            await self._values(session, ends)

    async def _everything(self, session: Session, ends: float) -> None:
        profile = self.known.profile
        if profile is None or not self.known.left:
            profile = await recognised(session, self._catalogue)
            self.known = replace(self.known, profile=profile, walked={}, left=columns(profile), failed=0)
        walked: Walked = dict(self.known.walked)
        left = list(self.known.left)
        failed = self.known.failed
        while left and self._monotonic() < ends:
            oid = left.pop(0)
            rows = await self._column(session, oid)
            if rows is None:
                failed += 1
                left = left if failed <= MOST_FAILED_COLUMNS else []
            else:
                walked[oid] = rows
            self.known = replace(self.known, walked=walked, left=tuple(left), failed=failed)
            if rows is None:
                # An agent that hung on a column may hang on the next: the rest waits for the next round.
                break
        if not left:
            self._complete(profile, walked)

    def _complete(self, profile: Profile, walked: Walked) -> None:
        self.full = True
        self.found = facts(profile, Tree(walked))
        values = tuple(oid for oid in moving(profile) if walked.get(oid))
        kept = {oid: walked[oid] for oid in static(profile) if walked.get(oid)} if values else {}
        system = {key: value for key, value in self.found.get("system", {}).items() if value} | {
            "profile": profile.name
        }
        full = self.known.full + 1
        self.known = replace(self.known, walked=kept, left=(), moving=values, system=system, age=0, full=full)

    async def _values(self, session: Session, ends: float) -> None:
        profile = self.known.profile
        if profile is None:
            return
        walked: Walked = dict(self.known.walked)
        still = []
        for oid in self.known.moving:
            if self._monotonic() >= ends:
                still.append(oid)
                continue
            rows = await self._column(session, oid)
            if rows is None:
                break
            walked[oid] = rows
            still.append(oid)
        self.known = replace(self.known, moving=tuple(still))
        found = facts(profile, Tree(walked))
        self.found = {kind: found[kind] for kind in MEASURED if kind in found}

    async def _column(self, session: Session, oid: str) -> Mapping[str, ValueType] | None:
        """The rows of a column; None where it cannot be had."""
        try:
            with self._timings.of(oid):
                rows = await walk(session, Column(oid, oid, Kind.TEXT), self._manners, MOST_ROWS)
        except AgentFailure as failure:
            if failure.outcome in {Outcome.REFUSED, Outcome.AUTHENTICATION}:
                raise
            return None
        return dict(zip(rows.suffixes, rows.values, strict=True))

    def blocks(self, device: str, unit: str, at: datetime) -> tuple[SampleBlock, ...]:
        """The samples of this visit."""
        return blocks(self.found, device, unit, at)

    def facts(self, device: str, at: datetime) -> tuple[DeviceFacts, ...]:
        """The facts that differ from those told before; `known` remembers them as told."""
        told = dict(self.known.told)
        changed = []
        for kind, rows in self.found.items():
            if kind == "system":
                continue
            shown = labels(kind, rows)
            fingerprint = hash(tuple(tuple(row.items()) for row in shown))
            if told.get(kind) != fingerprint and (shown or kind in told or self._asks(kind)):
                told[kind] = fingerprint
                changed.append(DeviceFacts(device, kind, at, shown))
        self.known = replace(self.known, told=told)
        return tuple(changed)

    def _asks(self, kind: str) -> bool:
        """Whether the profile knows how to find such rows: then that there are none is a fact."""
        return bool(getattr(self.known.profile, kind, None))
