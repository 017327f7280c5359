"""What drills say of ATT&CK techniques, as a layer of MITRE's ATT&CK Navigator (layer format 4.5).

A technique that no judged expectation tests is not in the layer and stays blank: untested is not undetected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from drills.offline import DrillResult
from drills.scenario import ExpectationKind
from drills.score import ExpectationStatus, Judgement

_VERSIONS = {"layer": "4.5", "navigator": "5.1.0", "attack": "16"}
_GRADIENT = {"colors": ["#d7301f", "#fdcc8a", "#31a354"], "minValue": 0, "maxValue": 100}


@dataclass(slots=True)
class TechniqueCoverage:
    """One technique's judged detections: their weighted credit, and how each ended."""

    technique: str
    weight: float = 0.0
    earned: float = 0.0
    ended: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """The weighted share of credit, 0 to 100."""
        return round(100 * self.earned / self.weight, 1)


def coverage(results: Iterable[DrillResult]) -> list[TechniqueCoverage]:
    """Every technique that some run could judge, by its id."""
    found: dict[str, TechniqueCoverage] = {}
    for result in results:
        for judgement in result.judgements:
            if not _tells(judgement):
                continue
            assert judgement.technique is not None
            one = found.setdefault(judgement.technique, TechniqueCoverage(judgement.technique))
            one.weight += judgement.weight
            one.earned += judgement.weight * judgement.credit
            one.ended.append(f"{result.scenario.id}: {judgement.id} {judgement.status}")
    return [found[technique] for technique in sorted(found)]


def layer(results: Sequence[DrillResult], name: str) -> dict[str, Any]:
    """The layer as the Navigator opens it; `score` is the coverage in percent, the comment lists the expectations."""
    return {
        "name": name,
        "versions": _VERSIONS,
        "domain": "enterprise-attack",
        "description": f"Diễn tập / drills: {', '.join(result.id for result in results)}",
        "gradient": _GRADIENT,
        "techniques": [
            {"techniqueID": one.technique, "score": one.percent, "comment": "\n".join(one.ended), "enabled": True}
            for one in coverage(results)
        ],
    }


def _tells(judgement: Judgement) -> bool:
    return (
        judgement.technique is not None
        and judgement.kind is ExpectationKind.DETECTION
        and judgement.status is not ExpectationStatus.VOID
    )
