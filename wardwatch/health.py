"""The board: how every part of the installation is, in the core's memory.

Parts report themselves every few seconds; one that does not is silent after three missed reports. Nothing is kept on
disk: after the core's restart every living part has reported again within seconds, and a remote edge that the register
knows but nobody has heard of since is shown as silent from the moment it was last seen.
"""

import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import Words, nfc
from wardwatch.model.time import Clock

MISSED_REPORTS = 3
EDGE_ITSELF = "edge"
"""The part under which a known edge is shown that has not reported any."""

_NAME = re.compile(r"[\w][\w./:-]{0,79}", re.ASCII)
_FIGURE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TAKEN_NAMES = frozenset({"up", "restarts"})
"""What `/metrics` says of every part under these names is not a figure."""
_SPEAKING = frozenset({PartState.RUNNING, PartState.RESTARTING, PartState.FAILED})
_LONGEST_DETAIL = 400
_EVERY_S = (1.0, 300.0)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class BoardLimits:
    """What a board takes at most, so that no reporter can fill the core's memory."""

    parts: int = 2000
    parts_of_edge: int = 50
    figures: int = 40
    grace: timedelta = timedelta(minutes=1)
    """How long after its start the core waits for known edges before it calls them silent."""


class Edges(Protocol):
    """Who knows the remote edges (`wardwatch.edges.EdgeRegister`)."""

    def listed(self) -> Sequence[Edge]: ...


class Board:
    """Thread-safe. `changed` is told the parts whose state is another one than before."""

    def __init__(
        self,
        clock: Clock,
        edges: Edges,
        changed: Callable[[Sequence[PartHealth]], None],
        limits: BoardLimits = BoardLimits(),
    ) -> None:
        self._clock = clock
        self._edges = edges
        self._changed = changed
        self._limits = limits
        self._lock = threading.Lock()
        self._heard: dict[tuple[str, str], PartHealth] = {}
        self._shown: dict[tuple[str, str], tuple[PartState, int]] = {}
        self._began = clock()
        self.refused = 0

    def take(self, parts: Iterable[PartHealth]) -> None:
        """Keeps a report. Parts that have no proper name, or for which there is no room, are counted as refused;
        what is too long is cut, and what is no finite number is left out."""
        now = self._clock()
        with self._lock:
            for part in parts:
                key = (part.edge, part.part)
                if _NAME.fullmatch(part.edge) and _NAME.fullmatch(part.part) and self._has_room(key, now):
                    self._heard[key] = _bounded(part, now, self._limits.figures)
                else:
                    self.refused += 1
        self.sweep()

    def parts(self) -> list[PartHealth]:
        """Every part as it is now, by edge and part."""
        now = self._clock()
        known = {edge.name: edge for edge in self._edges.listed()}
        gone = {name for name, edge in known.items() if not edge.active}
        with self._lock:
            found = {key: _judged(part, now) for key, part in self._heard.items() if part.edge not in gone}
        heard = {edge for edge, _ in found}
        if now - self._began >= self._limits.grace:
            for name, edge in known.items():
                if edge.active and name not in heard:
                    found[name, EDGE_ITSELF] = _unheard(edge)
        return [found[key] for key in sorted(found)]

    def sweep(self) -> None:
        """Looks for parts whose state has changed, also by saying nothing, and tells of them."""
        parts = self.parts()
        with self._lock:
            shown = {(part.edge, part.part): (part.state, part.restarts) for part in parts}
            changed = [part for part in parts if self._shown.get((part.edge, part.part)) != shown[part.edge, part.part]]
            gone = self._shown.keys() - shown.keys()
            self._shown = shown
        if changed or gone:
            self._changed(changed)

    def _has_room(self, key: tuple[str, str], now: datetime) -> bool:
        if key in self._heard:
            return True
        if sum(edge == key[0] for edge, _ in self._heard) >= self._limits.parts_of_edge:
            return False
        if len(self._heard) < self._limits.parts:
            return True
        silent = [part for part in self._heard.values() if _judged(part, now).state is PartState.SILENT]
        if not silent:
            return False
        oldest = min(silent, key=lambda part: part.at)
        del self._heard[oldest.edge, oldest.part]
        return True


def _judged(part: PartHealth, now: datetime) -> PartHealth:
    """The part as it said itself, or silent since its last report."""
    if part.state not in _SPEAKING or now - part.at <= timedelta(seconds=MISSED_REPORTS * part.every_s):
        return part
    detail = Words("không còn báo về", "reports no more")
    return replace(part, state=PartState.SILENT, since=part.at, detail=detail)


def _unheard(edge: Edge) -> PartHealth:
    if edge.last_seen_at is None:
        detail = Words("chưa kết nối lần nào", "has never connected")
        return PartHealth(edge.name, EDGE_ITSELF, edge.created_at, PartState.SILENT, edge.created_at, detail=detail)
    detail = Words("không báo về từ khi hệ thống khởi động", "has not reported since the core started")
    return PartHealth(edge.name, EDGE_ITSELF, edge.last_seen_at, PartState.SILENT, edge.last_seen_at, detail=detail)


def _bounded(part: PartHealth, now: datetime, most_figures: int) -> PartHealth:
    """The part with nothing in it that a page, a metric or the core's memory could not bear."""
    since = part.since if part.since.tzinfo else part.since.replace(tzinfo=UTC)
    figures = {
        name: value
        for name, value in sorted(part.figures.items())
        if _FIGURE.fullmatch(name) and name not in _TAKEN_NAMES and math.isfinite(value)
    }
    paces = part.every_s if math.isfinite(part.every_s) else _EVERY_S[0]
    return replace(
        part,
        at=now,
        since=min(since, now),
        restarts=min(max(part.restarts, 0), 10**9),
        detail=Words(_line(part.detail.vi), _line(part.detail.en)),
        figures=dict(list(figures.items())[:most_figures]),
        every_s=min(max(paces, _EVERY_S[0]), _EVERY_S[1]),
    )


def _line(text: str) -> str:
    return _CONTROL.sub(" ", nfc(text[:_LONGEST_DETAIL]))
