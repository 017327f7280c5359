"""Conversations of a minute into samples: every sum exact, the rows bounded, all that is merged counted.

A conversation that several exporters tell of (the ward's router and the one in the data centre) is counted once: by the
exporter that saw most of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from collectors.flows.placing import Conversation, Placing
from collectors.flows.rows import FlowRow
from wardwatch.model.flows import OTHER, REST, Direction, TrafficKey
from wardwatch.model.records import SampleBlock


@dataclass(frozen=True, slots=True)
class SumLimits:
    """Of each exporter, unit, direction and application so many `talkers` (pairs of addresses) are kept apart; of each
    unit and direction so many `applications`; of a minute so many `rows` of talkers and `conversations`."""

    talkers: int = 5
    applications: int = 30
    rows: int = 20_000
    conversations: int = 200_000


class Sum:
    """Bytes and packets."""

    __slots__ = ("octets", "packets")

    def __init__(self, octets: int = 0, packets: int = 0) -> None:
        self.octets = octets
        self.packets = packets

    def add(self, octets: int, packets: int) -> None:
        self.octets += octets
        self.packets += packets


@dataclass(frozen=True, slots=True)
class ExporterName:
    """The device that exports, and its unit."""

    device: str
    unit: str


Sums = dict[tuple[ExporterName, TrafficKey], Sum]


class Minute:
    """What came of one minute. `take` is called for every row, `blocks` once."""

    def __init__(self, start: datetime, limits: SumLimits, placing: Callable[[], Placing]) -> None:
        self.start = start
        self._limits = limits
        self._placing = placing
        self._talks: dict[Conversation, dict[ExporterName, Sum]] = {}
        self._beyond: Sums = defaultdict(Sum)
        self.counts: Counter[str] = Counter()

    def take(self, row: FlowRow, exporter: ExporterName) -> None:
        talk = Conversation(*row[1:6])
        known = self._talks.get(talk)
        if known is None:
            if len(self._talks) >= self._limits.conversations:
                self.counts["conversations_merged"] += 1
                for key in self._placing().keys(talk, exporter.unit):
                    self._beyond[exporter, _rest_of(key)].add(row.octets, row.packets)
                return
            known = self._talks[talk] = {}
        known.setdefault(exporter, Sum()).add(row.octets, row.packets)

    def blocks(self, at: datetime) -> list[SampleBlock]:
        """The samples of this minute, at an instant within it."""
        sums = self._placed()
        self._merge_applications(sums)
        totals: Sums = defaultdict(Sum)
        for (exporter, key), found in sums.items():
            totals[exporter, replace(key, local="", peer="")].add(found.octets, found.packets)
        return [*_blocks("traffic", totals, at), *_blocks("flow", self._largest(sums), at)]

    def _placed(self) -> Sums:
        placing, sums = self._placing(), self._beyond
        for talk, told in self._talks.items():
            exporter = max(told, key=lambda each: (told[each].octets, each.device))
            found = told[exporter]
            if len(told) > 1:
                self.counts["told_twice_bytes"] += sum(each.octets for each in told.values()) - found.octets
            for key in placing.keys(talk, exporter.unit):
                sums[exporter, key].add(found.octets, found.packets)
        self._talks.clear()
        return sums

    def _merge_applications(self, sums: Sums) -> None:
        """Of a unit and direction only the largest applications stay; the others become `OTHER`."""
        by_application: dict[tuple[str, Direction], Counter[str]] = defaultdict(Counter)
        for (_, key), found in sums.items():
            by_application[key.unit, key.direction][key.application] += found.octets
        most = self._limits.applications
        small = {
            (*place, application)
            for place, counted in by_application.items()
            for application, _ in counted.most_common()[most:]
        }
        for exporter, key in [each for each in sums if (each[1].unit, each[1].direction, each[1].application) in small]:
            found = sums.pop((exporter, key))
            sums[exporter, replace(key, application=OTHER)].add(found.octets, found.packets)
            self.counts["applications_merged"] += 1

    def _largest(self, sums: Sums) -> Sums:
        """The talkers that are kept apart, and a row for the rest of each exporter, unit, direction, application."""
        groups: dict[tuple[ExporterName, TrafficKey], list[TrafficKey]] = defaultdict(list)
        for exporter, key in sums:
            groups[exporter, _rest_of(key)].append(key)
        chosen: list[tuple[ExporterName, TrafficKey]] = []
        for (exporter, rest), keys in groups.items():
            keys.sort(key=lambda key: (-sums[exporter, key].octets, key.index()))
            chosen += [(exporter, key) for key in keys[: self._limits.talkers] if key != rest]
        if len(chosen) > self._limits.rows:
            chosen.sort(key=lambda each: (-sums[each].octets, each[1].index()))
            del chosen[self._limits.rows :]
        kept: Sums = defaultdict(Sum, {each: sums[each] for each in chosen})
        for (exporter, key), found in sums.items():
            if (exporter, key) not in kept or key.local == REST:
                self.counts["talkers_merged"] += key.local != REST
                kept[exporter, _rest_of(key)].add(found.octets, found.packets)
        return kept


def _rest_of(key: TrafficKey) -> TrafficKey:
    return replace(key, local=REST, peer=REST)


def _blocks(measurement: str, sums: Mapping[tuple[ExporterName, TrafficKey], Sum], at: datetime) -> list[SampleBlock]:
    tables: dict[tuple[str, str], list[tuple[str, Sum]]] = defaultdict(list)
    for (exporter, key), found in sums.items():
        tables[exporter.device, key.unit].append((key.index(), found))
    return [_block(measurement, device, unit, at, rows) for (device, unit), rows in tables.items()]


def _block(measurement: str, device: str, unit: str, at: datetime, rows: Iterable[tuple[str, Sum]]) -> SampleBlock:
    indices, sums = zip(*rows, strict=True)
    columns: dict[str, tuple[float | None, ...]] = {
        "bytes": tuple(float(each.octets) for each in sums),
        "packets": tuple(float(each.packets) for each in sums),
    }
    return SampleBlock(measurement, device, unit, at, indices, columns)
