"""Finds what an expectation asks for among the sensor's records: dotted EVE keys and the values they must have."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from drills.scenario import Inject, Scenario

CANARY_SID = 9000999


@dataclass(frozen=True, slots=True)
class Sighting:
    """One record of the sensor: when (seconds since the capture's start) and the whole EVE record."""

    at_s: float
    record: dict[str, Any]

    @property
    def is_alert(self) -> bool:
        return self.record.get("event_type") == "alert"

    @property
    def ends(self) -> frozenset[str]:
        """Both addresses of the record."""
        return frozenset(str(self.record[key]) for key in ("src_ip", "dest_ip") if key in self.record)


def read_sightings(eve: Path, epoch: datetime) -> list[Sighting]:
    """Every record of an `eve.json`, in order of time."""
    found = []
    with eve.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            at = datetime.fromisoformat(record["timestamp"])
            found.append(Sighting((at - epoch).total_seconds(), record))
    return sorted(found, key=lambda sighting: sighting.at_s)


def once_per_flow(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Alerts without their echoes: an undirected rule fires for both directions of one flow. An alert of a packet
    without a flow has no echo."""
    seen: set[tuple[Any, Any]] = set()
    kept = []
    for sighting in sightings:
        key = (
            sighting.record.get("alert", {}).get("signature_id"),
            sighting.record.get("flow_id"),
        )
        if sighting.is_alert and key[1] is not None and key in seen:
            continue
        seen.add(key)
        kept.append(sighting)
    return kept


def is_canary(sighting: Sighting) -> bool:
    """Whether it is the alert for the last packet of a capture, which proves that the sensor worked to the end."""
    return sighting.is_alert and sighting.record["alert"].get("signature_id") == CANARY_SID


def matches(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether every dotted key has its value; a key that names `alert.…` asks for an alert record."""
    if any(key.startswith("alert.") for key in wanted) and record.get("event_type") != "alert":
        return False
    return all(_value(record, key) == value for key, value in wanted.items())


def _value(record: Mapping[str, Any], dotted: str) -> Any:
    found: Any = record
    for part in dotted.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def ends_of(inject: Inject, scenario: Scenario) -> frozenset[str]:
    """The two addresses an inject is sent between."""
    names = (inject.parameters.get("src"), inject.parameters.get("dst"))
    return frozenset(scenario.hosts[name] for name in names if isinstance(name, str) and name in scenario.hosts)
