"""How each Suricata is, by what it writes: its own counters in `stats` events, and its silence.

Counters are totals since Suricata's start. A sensor that writes `stats` is expected to go on doing so: when neither
they nor any event come for several of its intervals, it is silent. One that never writes any (`stats` is off, or it
reads captures) cannot be told from a quiet network, and is not watched.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.records import Batch
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock

PART = "suricata"
_STATS = "suricata.stats"
_FIGURES: Mapping[str, tuple[str, ...]] = {
    "kernel_packets": ("capture", "kernel_packets"),
    "kernel_drops": ("capture", "kernel_drops"),
    "interface_drops": ("capture", "kernel_ifdrops"),
    "decoded_packets": ("decoder", "pkts"),
    "invalid_packets": ("decoder", "invalid"),
    "flow_memcap_drops": ("flow", "memcap"),
    "session_memcap_drops": ("tcp", "ssn_memcap_drop"),
    "segment_memcap_drops": ("tcp", "segment_memcap_drop"),
    "reassembly_gaps": ("tcp", "reassembly_gap"),
    "memcap_pressure_percent": ("memcap_pressure",),
    "alerts": ("detect", "alert"),
    "alerts_overflowed": ("detect", "alert_queue_overflow"),
    "uptime_s": ("uptime",),
}
_ENGINE_FIGURES = ("rules_loaded", "rules_failed")
_LONGEST_INTERVAL_S = 600.0
_NOT_IN_NAMES = re.compile(r"[^\w.:-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Silent after so many intervals, but not before `least_s`. `interval_s` is expected until two `stats` have told
    (Suricata's own default). So many percent of packets dropped between two `stats` are worth a word."""

    intervals: int = 5
    interval_s: float = 8.0
    least_s: float = 60.0
    dropped_percent: float = 1.0
    max_sensors: int = 40


@dataclass(slots=True)
class _Sensor:
    heard_at: datetime
    stats_at: datetime
    interval_s: float
    figures: dict[str, float] = field(default_factory=dict)
    dropped_percent: float = 0.0
    watched: bool = False
    state_since: datetime | None = None


class SensorWatch:
    """Looks at each batch that goes by; `health` says how the sensors are."""

    def __init__(self, clock: Clock, settings: WatchSettings = WatchSettings()) -> None:
        self._clock = clock
        self._settings = settings
        self._sensors: dict[str, _Sensor] = {}
        self._sensor_of: dict[str, str] = {}
        self.newest_at: datetime | None = None

    def observe(self, batch: Batch) -> None:
        """Takes what a batch of EVE events says of who wrote it."""
        now = self._clock()
        for source in batch.read:
            if (sensor := self._sensors.get(self._sensor_of.get(source, ""))) is not None:
                sensor.heard_at = now
        for event in batch.events:
            if event.dataset == _STATS:
                self._take(event.position.source, event.at, event.original, now)
        if batch.events:
            newest = max(event.at for event in batch.events)
            self.newest_at = newest if self.newest_at is None else max(self.newest_at, newest)

    def health(self, edge: str, is_behind: bool = False) -> list[PartHealth]:
        """A part a sensor: `suricata`, or `suricata/NAME` where it has a name. While we are behind, and do not read
        what they write, nobody can say that they are silent."""
        now = self._clock()
        if is_behind:
            for sensor in self._sensors.values():
                sensor.heard_at = now
        return [self._part(edge, name, sensor, now) for name, sensor in self._sensors.items()]

    def _take(self, source: str, at: datetime, original: str, now: datetime) -> None:
        eve = orjson.loads(original)
        stats = eve.get("stats")
        if not isinstance(stats, dict):
            return
        name = _part_name(eve.get("host"))
        sensor = self._sensors.get(name)
        if sensor is None:
            if len(self._sensors) >= self._settings.max_sensors:
                return
            sensor = self._sensors[name] = _Sensor(now, at, self._settings.interval_s, state_since=now)
        if len(self._sensor_of) >= 10 * self._settings.max_sensors:
            self._sensor_of.clear()
        self._sensor_of[source] = name
        self._learn(sensor, at, _figures(stats))
        sensor.heard_at = now

    def _learn(self, sensor: _Sensor, at: datetime, figures: dict[str, float]) -> None:
        """Two `stats` of one run, the later with the longer uptime, tell the interval: a live sensor."""
        apart_s = (at - sensor.stats_at).total_seconds()
        before = sensor.figures
        if before and apart_s > 0 and before.get("uptime_s", 0) < figures.get("uptime_s", 0):
            sensor.interval_s, sensor.watched = min(apart_s, _LONGEST_INTERVAL_S), True
            seen = figures.get("kernel_packets", 0) - before.get("kernel_packets", 0)
            dropped = figures.get("kernel_drops", 0) - before.get("kernel_drops", 0)
            # AF_PACKET counts what it dropped among the packets; others do not.
            sensor.dropped_percent = 100 * dropped / max(seen, dropped, 1)
        elif before:
            sensor.dropped_percent = 0.0
        sensor.stats_at, sensor.figures = at, figures

    def _part(self, edge: str, name: str, sensor: _Sensor, now: datetime) -> PartHealth:
        allowed_s = max(self._settings.least_s, self._settings.intervals * sensor.interval_s)
        quiet_s = (now - sensor.heard_at).total_seconds()
        if sensor.watched and quiet_s > allowed_s:
            detail = Words(
                f"Suricata không ghi gì trong {quiet_s:.0f} giây (bình thường {sensor.interval_s:.0f} giây một lần).",
                f"Suricata has written nothing for {quiet_s:.0f} s (usually every {sensor.interval_s:.0f} s).",
            )
            sensor.state_since = None
            state, since = PartState.FAILED, sensor.heard_at
        else:
            detail = _words_of_drops(sensor.dropped_percent, self._settings.dropped_percent)
            sensor.state_since = sensor.state_since or sensor.heard_at
            state, since = PartState.RUNNING, sensor.state_since
        figures = {**sensor.figures, "quiet_s": quiet_s, "dropped_percent": sensor.dropped_percent}
        return PartHealth(edge, name, now, state, since, detail=detail, figures=figures)


def _words_of_drops(percent: float, from_percent: float) -> Words:
    if percent < from_percent:
        return NO_WORDS
    return Words(
        f"Suricata bỏ sót {percent:.1f} % gói tin trong chu kỳ vừa qua.",
        f"Suricata dropped {percent:.1f} % of the packets in its last interval.",
    )


def _part_name(host: object) -> str:
    cleaned = _NOT_IN_NAMES.sub("-", host)[:60] if isinstance(host, str) else ""
    return f"{PART}/{cleaned}" if cleaned else PART


def _figures(stats: dict[str, Any]) -> dict[str, float]:
    found = {name: value for name, path in _FIGURES.items() if (value := _number(stats, path)) is not None}
    detect = stats.get("detect")
    engines = detect.get("engines") if isinstance(detect, dict) else None
    if not isinstance(engines, list):
        return found
    for name in _ENGINE_FIGURES:
        counts = [_number(engine, (name,)) for engine in engines if isinstance(engine, dict)]
        found[name] = sum(count for count in counts if count is not None)
    return found


def _number(values: Any, path: tuple[str, ...]) -> float | None:
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return float(values) if isinstance(values, int | float) and not isinstance(values, bool) else None
