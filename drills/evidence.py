"""What a judge looks at, and when it proves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drills.matching import Sighting
from drills.observed import Observation
from drills.packets import SentInject
from drills.scenario import Expectation, ExpectationKind, Inject
from drills.sensor import RefusedRule
from drills.telemetry import TELLING

_SIGMA = "sigma.alert"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judge looks at: what was sent, what the sensor wrote, which rules it had and which it refused.

    The capture's last packet is a canary. `canary_seen` False says that the sensor did not work to the end. `sigma`
    are the titles of the Sigma rules that were in force. `observations` are by the name of the expectation. `live`
    says that something could answer the packets, so that prevention can be judged by what was seen.
    """

    sent: dict[str, SentInject]
    sightings: Sequence[Sighting]
    sids: frozenset[int]
    refused: Sequence[RefusedRule] = ()
    canary_seen: bool = True
    sigma: frozenset[str] = frozenset()
    observations: Mapping[str, Sequence[Observation]] = field(default_factory=dict)
    live: bool = False


def why_void(wanted: Expectation, name: str, inject: Inject, sent: SentInject | None, evidence: Evidence) -> str | None:
    """Why an expectation cannot be judged; None when it can."""
    if sent is None or not sent.packets:
        return "the inject was not sent"
    if name in evidence.observations:
        return None
    if not _judged_by_sight(wanted, evidence):
        return f"nobody observed {wanted.kind}: a run by itself cannot judge it"
    if inject.action not in TELLING and not evidence.canary_seen:
        return "the sensor did not see the canary at the end of the capture, so its silence proves nothing"
    return _missing_rule(wanted, evidence)


def _judged_by_sight(wanted: Expectation, evidence: Evidence) -> bool:
    if wanted.kind in (ExpectationKind.DETECTION, ExpectationKind.NO_ALERT):
        return True
    return evidence.live and wanted.kind is ExpectationKind.PREVENTION


def _missing_rule(wanted: Expectation, evidence: Evidence) -> str | None:
    titles = wanted.match.get("rule.name") if wanted.match.get("event.dataset") == _SIGMA else None
    named = titles if isinstance(titles, list) else [] if titles is None else [titles]
    if named and not any(title in evidence.sigma for title in named):
        return f"Sigma rule '{named[0]}' is not loaded"
    said: Any = wanted.match.get("alert.signature_id")
    sids = said if isinstance(said, list) else [] if said is None else [said]
    if not sids or any(sid in evidence.sids for sid in sids):
        return None
    for rule in evidence.refused:
        if rule.sid in sids:
            return f"rule {rule.sid} does not compile: the sensor refused line {rule.line} of its rules"
    return f"rule {sids[0]} is not loaded in the sensor"
