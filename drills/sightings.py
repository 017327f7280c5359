"""Everything that was seen of a run, from all of the product's eyes: the sensor's records, what devices told, and what
the Sigma rules make of both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from collectors.suricata.ecs import map_line
from detectors.sigma.alerts import alert_of
from detectors.sigma.engine import Match
from detectors.sigma.ruleset import Ruleset, engine_of, load_rules
from detectors.sigma.sources import Sources
from detectors.sigma.stream import RULES
from detectors.sigma.windows import Correlator
from drills.matching import Sighting
from wardwatch.ecs import decoded
from wardwatch.model.records import Event, Position

_NAMESPACE = "drill"
_MAPPED_AT = datetime(2100, 1, 1, tzinfo=UTC)
"""The sensor's clock is the drill's, which no other one bounds."""


@cache
def sigma_rules(folder: Path = RULES) -> Ruleset:
    """The Sigma rules of a folder, read once a process. Raises `UserError` when there is none."""
    return load_rules([folder], Sources())


@dataclass(frozen=True, slots=True)
class SigmaTitles:
    """Which Sigma rules a run had, by the titles that their alerts carry."""

    titles: frozenset[str]
    refused: tuple[str, ...]

    @classmethod
    def of(cls, ruleset: Ruleset) -> "SigmaTitles":
        """Those of a ruleset; `refused` says what is wrong with others."""
        titles = frozenset(about.title.en for about in ruleset.abouts)
        return cls(titles, tuple(str(problem) for problem in ruleset.problems))


def read_sightings(eve: Path, epoch: datetime) -> list[Sighting]:
    """Every record of an `eve.json` with its event, in order of time."""
    found = []
    offset = 0
    with eve.open("rb") as lines:
        for line in lines:
            record: dict[str, Any] = orjson.loads(line)
            mapped = map_line(line.rstrip(b"\r\n"), Position(str(eve), offset), None, _MAPPED_AT)
            at = _moment(record)
            event = mapped._replace(at=at) if isinstance(mapped, Event) else None
            found.append(Sighting((at - epoch).total_seconds(), record, event))
            offset += len(line)
    return sorted(found, key=lambda sighting: sighting.at_s)


def _moment(record: dict[str, Any]) -> datetime:
    """When a record tells of. Suricata ends all flows of a capture with its last packet and stamps them so; what a flow
    tells of was over with its own last packet."""
    ended = record.get("flow", {}).get("end") if record["event_type"] == "flow" else None
    return datetime.fromisoformat(ended or record["timestamp"])


def told_sightings(events: Iterable[Event], epoch: datetime) -> list[Sighting]:
    """What devices and checks told."""
    return [Sighting((event.at - epoch).total_seconds(), {}, event) for event in events]


def sigma_sightings(sightings: Sequence[Sighting], ruleset: Ruleset, epoch: datetime) -> list[Sighting]:
    """The alerts of Sigma rules over these, which are in order of time. A correlation alerts once a window, when its
    condition first holds."""
    engine, correlator = engine_of(ruleset), Correlator(ruleset.correlations)
    alerts: list[Event] = []
    for sighting in sightings:
        event = sighting.event
        if event is None or not engine.cares(event.dataset):
            continue
        match = engine.hits(event.dataset, event.document, event.original, lambda: decoded(event))  # noqa: B023
        if match is not None:
            alerts += _alerts(event, match, correlator)
    return [Sighting((alert.at - epoch).total_seconds(), {}, alert) for alert in alerts]


def _alerts(event: Event, match: Match, correlator: Correlator) -> list[Event]:
    """Both ends of the hit stay in the alert of a correlation, so that it can be told whose doing it was."""
    found, document = [], match.reading.document
    for rule in match.rules:
        if not rule.silent:
            found.append(alert_of(event, document, rule.about))
        windows = correlator.see(_NAMESPACE, rule.about.id, event.at, event.position, match.reading)
        found += [alert_of(event, document, fired.correlation.about) for fired in windows if fired.first]
    return found
