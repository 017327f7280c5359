"""Lines as devices send them become ECS: golden cases, one a vendor, and every rule is met in one of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reception.gathering import Mapped
from collectors.syslog.vendor_documents import load_rules
from tests.unit.syslog.conftest import NOW, Mapping

CASES = sorted((Path(__file__).parents[2] / "cases").glob("syslog-*"))
# What differs from line to line; the rest of a document is looked at whole in `test_a_document`.
TOLD = ("event", "user", "source", "destination", "process", "rule", "observer", "message")


def lines_of(case: Path) -> list[bytes]:
    return (case / "input.log").read_bytes().removesuffix(b"\n").split(b"\n")


def told(mapped: Mapped) -> dict[str, Any]:
    documents = [orjson.loads(event.document) for event in mapped.events]
    return {
        "events": [
            {key: document[key] for key in TOLD if key in document}
            | {"at": document["@timestamp"], "wardwatch": document["wardwatch"], "log": document["log"]["syslog"]}
            for document in documents
        ],
        "rejected": [[each.reason, each.original] for each in mapped.rejected],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(case: Path, mapping: Mapping, golden: Callable[[Path, Any], None]) -> None:
    golden(case / "expected.json", told(mapping.map(*lines_of(case))))


def test_every_rule_is_met_in_a_case(mapping: Mapping) -> None:
    rules = {rule.finding.id for found in load_rules().values() for rule in found}
    met = {
        orjson.loads(event.document)["event"].get("code")
        for case in CASES
        for event in mapping.map(*lines_of(case)).events
    }
    assert len(rules) > 60
    assert rules <= met, f"no case meets {sorted(rules - met)}"


def test_what_is_no_utf_8_is_shown_and_kept(mapping: Mapping) -> None:
    document = mapping.document(b"<13>Nov 23 14:00:00 h app: caf\xe9")
    assert document["message"] == "caf\N{REPLACEMENT CHARACTER}"
    assert document["wardwatch"]["original_base64"] == "PDEzPk5vdiAyMyAxNDowMDowMCBoIGFwcDogY2Fm6Q=="


def test_a_clear_has_the_rule_of_its_raise(mapping: Mapping) -> None:
    down, up = (
        mapping.document(f"<187>1: %LINK-3-UPDOWN: Interface Gi0/1, changed state to {state}")
        for state in ("down", "up")
    )
    assert down["event"]["kind"] == "alert"
    assert up["event"]["kind"] == "event"
    assert down["rule"]["id"] == up["rule"]["id"] == "syslog.link:Gi0/1"


def test_who_logs_in_from_elsewhere_is_the_source_and_the_device_is_hit(mapping: Mapping) -> None:
    document = mapping.document(
        "<86>Nov 23 15:00:00 x sshd[1]: Failed password for root from 203.0.113.9 port 2211 ssh2"
    )
    assert document["source"] == {"ip": "203.0.113.9", "address": "203.0.113.9", "port": 2211}
    assert document["destination"]["ip"] == "10.0.0.1"
    assert document["wardwatch"]["destination"]["device"] == "sw1"
    assert document["related"] == {"ip": ["203.0.113.9", "10.0.0.1"], "user": ["root"]}


def test_a_line_whose_clock_is_wrong_has_the_moment_of_its_reception(mapping: Mapping) -> None:
    document = mapping.document("<13>Mar  1 00:00:09 h app: reset")
    assert document["@timestamp"] == NOW.isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert document["wardwatch"]["time_from"] == "reception"


@given(st.lists(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"<13>{text}".encode()), max_size=20))
def test_every_line_is_an_event_or_refused_with_its_sender(lines: list[bytes]) -> None:
    mapped = _MAPPING.map(*lines)
    assert len(mapped.events) + len(mapped.rejected) == len(lines)
    for each in mapped.rejected:
        assert "10.0.0.1" in each.reason
        assert "report" not in each.reason


_MAPPING = Mapping()
