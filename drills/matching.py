"""Finds what an expectation asks for among what was seen: dotted EVE or ECS keys and the values they must have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drills.scenario import Inject, Scenario
from wardwatch.ecs import decoded
from wardwatch.model.records import Event

CANARY_SID = 9000999
_NOBODY = frozenset({"0.0.0.0", "255.255.255.255"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that was seen: when (seconds since the capture's start), the whole EVE record (empty for what no
    sensor wrote), and the event that the product makes of it."""

    at_s: float
    record: dict[str, Any]
    event: Event | None = None

    @property
    def is_alert(self) -> bool:
        if self.record:
            return self.record.get("event_type") == "alert"
        return self.event is not None and self.event.alert

    @property
    def document(self) -> dict[str, Any]:
        """The ECS document of its event."""
        return decoded(self.event) if self.event is not None else {}

    @property
    def kind(self) -> str:
        """The sensor's record type, or the event's dataset."""
        return str(self.record["event_type"]) if self.record else self.event.dataset if self.event else ""

    @property
    def ends(self) -> frozenset[str]:
        """The addresses it speaks of, without those that are nobody's."""
        if self.record:
            said = [self.record.get(key) for key in ("src_ip", "dest_ip")]
        else:
            document = self.document
            said = [document.get(end, {}).get("ip") for end in ("source", "destination", "observer")]
            said.append(document.get("destination", {}).get("address"))
        return frozenset(str(address) for address in said if address is not None) - _NOBODY

    def has(self, wanted: Mapping[str, Any]) -> bool:
        """Whether every dotted key has its value (or one of its values), in the EVE record or in the ECS document."""
        if matches(self.record, wanted):
            return True
        if self.event is None:
            return False
        return matches(self.document, wanted, self.record)


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
        if sighting.is_alert and key[0] is not None and key[1] is not None and key in seen:
            continue
        seen.add(key)
        kept.append(sighting)
    return kept


def is_canary(sighting: Sighting) -> bool:
    """Whether it is the alert for the last packet of a capture, which proves that the sensor worked to the end."""
    return bool(sighting.record) and sighting.is_alert and sighting.record["alert"].get("signature_id") == CANARY_SID


def matches(record: Mapping[str, Any], wanted: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> bool:
    """Whether every dotted key has its value; of a list of values one is enough. A key that names `alert.…` asks for
    an alert record. `other` is looked into for keys that the record does not have."""
    return all(
        any(_is(found, value) for found in (_value(record, key), _value(other or {}, key)))
        for key, value in wanted.items()
    ) and not _misread(record if other is None else other, wanted)


def _misread(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Records of requests carry the `alert` object of the rule that they set off."""
    return any(key.startswith("alert.") for key in wanted) and record.get("event_type") != "alert"


def _is(found: Any, value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    if isinstance(found, list):
        return any(one in values for one in found)
    return found is not None and found in values


def _value(record: Mapping[str, Any], dotted: str) -> Any:
    found: Any = record
    for part in dotted.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def ends_of(inject: Inject, scenario: Scenario) -> frozenset[str]:
    """The addresses an inject is between: of every host that its parameters name."""
    named: set[str] = set()
    for value in inject.parameters.values():
        named.update(one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
    return frozenset(address for name, address in scenario.hosts.items() if name in named)
