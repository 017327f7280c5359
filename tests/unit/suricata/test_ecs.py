"""EVE lines to ECS documents: golden cases, refusals, hostile records."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.suricata.ecs import MAX_DEPTH, MAX_LINE_BYTES, map_line
from wardwatch.ecs import decoded
from wardwatch.model.records import Event, Position, Rejected

CASES = sorted((Path(__file__).parents[2] / "cases").glob("eve-*"))
NOW = datetime(2026, 1, 2, tzinfo=UTC)
AT = Position("source", 7)


@dataclass(frozen=True, slots=True)
class Somewhere:
    unit: str | None
    site: str | None = None
    zone: str | None = None
    device: str | None = None
    service: str | None = None


PLACES = {
    "10.1.10.20": Somewhere("ttdl", "ttdl", "dc", "may-chu-01", "mot-cua"),
    "10.1.10.53": Somewhere("ttdl", "ttdl", "dc", "dns-01"),
    "10.20.5.11": Somewhere("phuong-5"),
    "10.20.5.12": Somewhere("phuong-5"),
}


def mapped(line: bytes) -> Event:
    event = map_line(line, AT, PLACES.get, NOW)
    assert isinstance(event, Event), event
    return event


def reason(line: bytes) -> str:
    outcome = map_line(line, AT, None, NOW)
    assert isinstance(outcome, Rejected), outcome
    return outcome.reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_case(case: Path, golden: Callable[[Path, Any], None]) -> None:
    events = [mapped(line) for line in (case / "input.json").read_bytes().splitlines()]
    assert all(event.original for event in events)
    golden(case / "expected.json", [{"units": event.units, "document": decoded(event)} for event in events])


def test_cases_are_there() -> None:
    assert len(CASES) >= 12


def test_the_line_is_kept_whole_and_the_position_is_the_identity() -> None:
    line = '{"timestamp":"2026-01-01T00:00:00.000001+0000","event_type":"đặc biệt"}'
    event = mapped(line.encode())
    assert event.original == line
    assert event.position == AT
    assert event.at == datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert not event.alert


RECORD = '{"timestamp":"%s","event_type":"dns"}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "the line is empty"),
        ("{", "the line is not JSON"),
        ("[1]", "not an object: list"),
        ('{"timestamp":"2026-01-01T00:00:00.0+0000"}', "no event_type"),
        ('{"timestamp":"2026-01-01T00:00:00.0+0000","event_type":7}', "no event_type"),
        ('{"event_type":"dns"}', "no timestamp"),
        (RECORD % "noon", "'noon' is not a time with a zone"),
        (RECORD % "2026-01-01T00:00:00", "not a time with a zone"),
        (RECORD % "0001-01-01T00:00:00+1400", "not a time with a zone"),
        (RECORD % "1999-12-31T23:59:59+0000", "before 2000 or more than a day ahead"),
        (RECORD % "2026-01-03T00:00:01+0000", "before 2000 or more than a day ahead"),
        (
            '{"timestamp":"2026-01-01T00:00:00Z","event_type":"x","a":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}",
            "levels deep",
        ),
        ("[" * 5000 + "]" * 5000, "the line is not JSON"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(line: str, said: str) -> None:
    assert said in reason(line.encode())


def test_a_deep_record_within_the_limit_passes() -> None:
    deep = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert (
        mapped(f'{{"timestamp":"2026-01-01T00:00:00Z","event_type":"x","a":{deep}}}'.encode()).dataset == "suricata.x"
    )


def test_invalid_utf8_is_kept_with_escapes() -> None:
    outcome = map_line(b'{"a":"\xff\xfe"}', AT, None, NOW)
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "the line is not UTF-8 (byte 6)"
    assert outcome.original == '{"a":"\\xff\\xfe"}'


def test_an_endless_line_is_refused_and_its_beginning_kept() -> None:
    outcome = map_line(b"x" * (MAX_LINE_BYTES + 1), AT, None, NOW)
    assert isinstance(outcome, Rejected)
    assert len(outcome.original) == 65536


@pytest.mark.parametrize(
    ("source", "destination", "direction"),
    [
        ("10.20.5.11", "10.1.10.20", "internal"),
        ("10.20.5.11", "198.51.100.9", "outbound"),
        ("198.51.100.9", "10.1.10.20", "inbound"),
        ("198.51.100.9", "203.0.113.1", "external"),
    ],
)
def test_direction_follows_the_inventory(source: str, destination: str, direction: str) -> None:
    record = {"timestamp": "2026-01-01T00:00:00Z", "event_type": "flow", "src_ip": source, "dest_ip": destination}
    assert decoded(mapped(json.dumps(record).encode()))["network"]["direction"] == direction


@pytest.mark.parametrize(
    ("alert", "word", "number"),
    [
        ({"severity": 1}, "high", 73),
        ({"severity": 2}, "medium", 47),
        ({"severity": 3}, "low", 21),
        ({"severity": 4}, "info", 1),
        ({"severity": 255}, "info", 1),
        ({}, "info", 1),
        ({"severity": 3, "metadata": {"signature_severity": ["Critical"]}}, "critical", 99),
        ({"severity": 1, "metadata": {"signature_severity": ["Informational"]}}, "info", 1),
        ({"severity": 3, "signature_id": 2210054}, "info", 1),
    ],
)
def test_severity_scale(alert: dict[str, Any], word: str, number: int) -> None:
    record = {"timestamp": "2026-01-01T00:00:00Z", "event_type": "alert", "alert": alert}
    document = decoded(mapped(json.dumps(record).encode()))
    assert (document["wardwatch"]["severity"], document["event"]["severity"]) == (word, number)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = {
    "": [
        "src_ip",
        "dest_ip",
        "src_port",
        "flow_id",
        "proto",
        "vlan",
        "ether",
        "files",
        "metadata",
        "app_proto",
        "host",
    ],
    "alert": ["signature_id", "metadata", "severity", "signature", "rev", "references"],
    "http": ["hostname", "url", "status", "http_method", "protocol", "length"],
    "dns": ["type", "rrname", "answers", "query", "queries", "answer", "grouped", "opcode", "rdata", "id"],
    "tls": [
        "sni",
        "version",
        "subject",
        "ja3",
        "client",
        "notbefore",
        "fingerprint",
        "subjectaltname",
        "session_resumed",
    ],
    "flow": ["bytes_toserver", "start", "end", "state", "src_ip"],
    "fileinfo": ["filename", "md5", "size"],
    "smtp": ["helo", "mail_from", "rcpt_to"],
    "email": ["from", "to", "cc", "subject", "attachment", "message_id"],
    "smb": ["filename", "share", "ntlmssp", "kerberos", "status_code", "command", "size"],
    "krb5": ["cname", "realm", "msg_type", "sname"],
    "ssh": ["client", "server"],
    "ftp": ["command", "command_data", "completion_code"],
    "nfs": ["filename", "status", "procedure"],
    "rdp": ["cookie", "client", "event_type"],
    "rfb": ["authentication", "framebuffer"],
    "pgsql": ["request", "response"],
    "quic": ["sni", "ua", "ja3", "ja3s", "ja4"],
    "dhcp": ["hostname", "client_mac", "assigned_ip", "dhcp_type"],
    "sip": ["uri", "code", "method"],
    "ike": ["exchange_type", "alg_enc"],
    "snmp": ["usm", "version", "pdu_type", "error"],
    "mqtt": ["connect", "connack", "publish"],
    "modbus": ["request", "response"],
    "dnp3": ["application", "src", "dst"],
    "bittorrent_dht": ["response", "request_type", "error"],
    "anomaly": ["event", "code", "type"],
    "drop": ["reason"],
    "tunnel": ["src_ip", "dest_ip", "proto"],
}


@st.composite
def hostile_records(draw: st.DrawFn) -> dict[str, Any]:
    record: dict[str, Any] = {
        "timestamp": "2026-01-01T00:00:00Z",
        "event_type": draw(st.sampled_from(sorted(KEYS)[1:])),
    }
    for name, keys in KEYS.items():
        values = draw(st.dictionaries(st.sampled_from(keys), JSON_VALUES, max_size=4))
        if name:
            record[name] = values if draw(st.booleans()) else draw(JSON_VALUES)
        else:
            record |= values
    return record


@settings(max_examples=120, deadline=None)
@given(hostile_records())
def test_no_record_breaks_the_mapping(record: dict[str, Any]) -> None:
    outcome = map_line(json.dumps(record).encode(), AT, PLACES.get, NOW)
    if isinstance(outcome, Rejected):
        assert "the mapping failed" not in outcome.reason
    else:
        assert decoded(outcome)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_have_an_outcome(line: bytes) -> None:
    assert isinstance(map_line(line, AT, None, NOW), Rejected)
