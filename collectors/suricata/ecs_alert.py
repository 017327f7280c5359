"""The `alert` section of EVE: rule, severity and ATT&CK.

Techniques come from rule metadata (`mitre_technique_id T1190, mitre_tactic_id TA0001`), as ET Open writes it; a dotted
id is a sub-technique, which ECS keeps apart from its technique.
"""

import re

from collectors.suricata.ecs_endpoints import Document
from collectors.suricata.eve_values import Section, count, filled, identifier, kept, section, text, texts
from collectors.suricata.severity import NUMBERS, severity_of

_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?\Z")
_KEPT = ("action", "gid", "severity", "source", "target", "metadata", "xff", "references")
_MAX_PAYLOAD_CHARACTERS = 4096

# Which ruleset a signature id belongs to, by the allocation the community keeps (sidallocation.org).
_RULESETS: tuple[tuple[range, str], ...] = (
    (range(1, 1000000), "GPL"),
    (range(1000000, 2000000), "local"),
    (range(2200000, 2300000), "Suricata"),
    (range(2000000, 2800000), "ET Open"),
    (range(2800000, 2900000), "ET Pro"),
)


def describe_alert(eve: Section, document: Document) -> None:
    """Fills rule, event.{kind,type,action,severity}, threat and vulnerability; keeps what pages show."""
    alert = section(eve, "alert")
    metadata = section(alert, "metadata")
    signature_id = count(alert, "signature_id")
    action = text(alert, "action")
    document["rule"] = filled(
        id=identifier(alert, "signature_id"),
        name=text(alert, "signature"),
        category=text(alert, "category"),
        version=identifier(alert, "rev"),
        ruleset=_ruleset(signature_id),
        reference=next(iter(texts(alert, "references")), None),
    )
    event = document["event"]
    event["kind"] = "alert"
    event["category"] = ["network", "intrusion_detection"]
    event["type"] = ["denied"] if action == "blocked" else ["allowed"]
    if action is not None:
        event["action"] = action
    severity = severity_of(_first(metadata, "signature_severity"), count(alert, "severity"), signature_id)
    event["severity"] = NUMBERS[severity]
    document["wardwatch"]["severity"] = severity.value
    _describe_threat(metadata, document)
    document["suricata"]["eve"]["alert"] = kept(alert, _KEPT)
    _keep_payload(eve, document)
    document["message"] = text(alert, "signature") or f"alert of rule {document['rule'].get('id', 'without an id')}"


def _describe_threat(metadata: Section, document: Document) -> None:
    if not metadata:
        return
    techniques = [*texts(metadata, "mitre_technique_id"), *texts(metadata, "mitre_attack")]
    named = [name for name in dict.fromkeys(words.upper() for words in techniques) if _TECHNIQUE.match(name)]
    subtechniques = [name for name in named if "." in name]
    names = [_words(name) for name in texts(metadata, "mitre_technique_name")]
    technique = filled(
        id=list(dict.fromkeys(name.partition(".")[0] for name in named)),
        name=names if not subtechniques else [],
        subtechnique=filled(id=subtechniques, name=names if subtechniques else []),
    )
    tactic = filled(
        id=texts(metadata, "mitre_tactic_id"),
        name=[_words(name) for name in texts(metadata, "mitre_tactic_name")],
    )
    if technique or tactic:
        document["threat"] = filled(framework="MITRE ATT&CK", technique=technique, tactic=tactic)
    vulnerabilities = [name.replace("_", "-").upper() for name in texts(metadata, "cve")]
    if vulnerabilities:
        document["vulnerability"] = {
            "id": [name if name.startswith("CVE-") else f"CVE-{name}" for name in vulnerabilities]
        }


def _keep_payload(eve: Section, document: Document) -> None:
    """The readable payload, cut to what a page shows; base64 payload and packet stay in the original."""
    payload = text(eve, "payload_printable")
    if payload is not None:
        document["suricata"]["eve"]["payload_printable"] = payload[:_MAX_PAYLOAD_CHARACTERS]


def _ruleset(signature_id: int | None) -> str | None:
    if signature_id is None:
        return None
    return next((name for sids, name in _RULESETS if signature_id in sids), None)


def _first(metadata: Section, key: str) -> str | None:
    return next(iter(texts(metadata, key)), None)


def _words(name: str) -> str:
    """Rule metadata cannot hold blanks, so its authors write underscores."""
    return name.replace("_", " ")
