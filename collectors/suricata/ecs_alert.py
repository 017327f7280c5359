"""The `alert` section of EVE: rule, severity and ATT&CK.

Techniques come from rule metadata (`mitre_technique_id T1190, mitre_tactic_id TA0001`), as ET Open writes it; a dotted
id is a sub-technique, which ECS keeps apart from its technique.
"""

import re
from typing import NamedTuple

import orjson

from collectors.suricata.attack import attack_names
from collectors.suricata.ecs_endpoints import Document
from collectors.suricata.eve_values import Memory, Section, count, identifier, put, section, text, texts, texts_of
from collectors.suricata.severity import NUMBERS, severity_of

_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?\Z")
_RULE = (("signature", "name"), ("category", "category"))
_CATEGORY = ["network", "intrusion_detection"]
_DENIED, _ALLOWED = ["denied"], ["allowed"]


# Which ruleset a signature id belongs to, by the allocation the community keeps (sidallocation.org).
_RULESETS: tuple[tuple[range, str], ...] = (
    (range(1, 1000000), "GPL"),
    (range(1000000, 2000000), "local"),
    (range(2200000, 2300000), "Suricata"),
    (range(2000000, 2800000), "ET Open"),
    (range(2800000, 2900000), "ET Pro"),
)


class Verdict(NamedTuple):
    """What an `alert` section comes to. It is remembered: documents share its parts and never change them."""

    document: Document
    event: Document
    severity: str


def describe_alert(eve: Section, document: Document) -> None:
    """Fills rule, event.{kind,type,action,severity}, threat and vulnerability."""
    verdict = _VERDICTS[orjson.dumps(section(eve, "alert"))]
    document.update(verdict.document)
    document["event"].update(verdict.event)
    document["wardwatch"]["severity"] = verdict.severity


def _verdict(said: bytes) -> Verdict:
    """The verdict of a section by its JSON: as a key that tells 1 from true and "1"."""
    alert: Section = orjson.loads(said)
    metadata = section(alert, "metadata")
    signature_id = count(alert, "signature_id")
    action = text(alert, "action")
    rule = _rule(alert, signature_id)
    severity = severity_of(_first(metadata, "signature_severity"), count(alert, "severity"), signature_id)
    event: Document = {
        "kind": "alert",
        "category": _CATEGORY,
        "type": _DENIED if action == "blocked" else _ALLOWED,
        "severity": NUMBERS[severity],
        "risk_score": NUMBERS[severity],
    }
    put(event, "action", action)
    document: Document = {"message": rule.get("name") or f"alert of rule {rule.get('id', 'without an id')}"}
    put(document, "rule", rule)
    put(document, "threat", _threat(metadata))
    put(document, "vulnerability", _vulnerability(metadata))
    return Verdict(document, event, severity.value)


# Most alerts of a rule carry the same section.
_VERDICTS = Memory(_verdict, entries=2048, longest=2048)


def _rule(alert: Section, signature_id: int | None) -> Document:
    rule = texts_of(alert, _RULE)
    put(rule, "id", identifier(alert, "signature_id"))
    put(rule, "version", identifier(alert, "rev"))
    put(rule, "ruleset", _ruleset(signature_id))
    put(rule, "reference", _first(alert, "references"))
    return rule


def _threat(metadata: Section) -> Document:
    technique, tactic = _technique(metadata), _tactic(metadata)
    if not technique and not tactic:
        return {}
    threat: Document = {"framework": "MITRE ATT&CK"}
    put(threat, "technique", technique)
    put(threat, "tactic", tactic)
    return threat


def _technique(metadata: Section) -> Document:
    """Techniques, and sub-techniques below them. A name that a rule gives goes before the one that is known."""
    written = [*texts(metadata, "mitre_technique_id"), *texts(metadata, "mitre_attack")]
    named = [name for name in dict.fromkeys(words.upper() for words in written) if _TECHNIQUE.match(name)]
    names = [_words(name) for name in texts(metadata, "mitre_technique_name")]
    subtechniques = [name for name in named if "." in name]
    parents = list(dict.fromkeys(name.partition(".")[0] for name in named))
    technique: Document = {}
    put(technique, "id", parents)
    put(technique, "name", (names if not subtechniques else []) or _known_techniques(parents))
    if subtechniques:
        technique["subtechnique"] = {"id": subtechniques}
        put(technique["subtechnique"], "name", names or _known_techniques(subtechniques))
    return technique


def _known_techniques(ids: list[str]) -> list[str]:
    """The names of these, or none at all when one is not known: lists of ids and names go side by side."""
    known = attack_names().techniques if ids else {}
    return [known[name] for name in ids] if all(name in known for name in ids) else []


def _tactic(metadata: Section) -> Document:
    ids = texts(metadata, "mitre_tactic_id")
    names = [_words(name) for name in texts(metadata, "mitre_tactic_name")]
    if ids and not names:
        known = attack_names().tactics
        names = [known[name] for name in ids] if all(name in known for name in ids) else []
    elif names and not ids:
        numbers = attack_names().tactic_ids
        ids = [number for name in names if (number := numbers.get(name.lower())) is not None]
    tactic: Document = {}
    put(tactic, "id", ids)
    put(tactic, "name", names)
    return tactic


def _vulnerability(metadata: Section) -> Document:
    names = [name.replace("_", "-").upper() for name in texts(metadata, "cve")]
    return {"id": [name if name.startswith("CVE-") else f"CVE-{name}" for name in names]} if names else {}


def _ruleset(signature_id: int | None) -> str | None:
    if signature_id is None:
        return None
    return next((name for sids, name in _RULESETS if signature_id in sids), None)


def _first(record: Section, key: str) -> str | None:
    return next(iter(texts(record, key)), None)


def _words(name: str) -> str:
    """Rule metadata cannot hold blanks, so its authors write underscores."""
    return name.replace("_", " ")
