"""What the real Suricata writes about real captures: every record is mapped, kept whole, and stored exactly once."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.suricata.ecs import map_line
from collectors.suricata.import_file import import_file
from collectors.suricata.mapper import EveMapper
from wardwatch.ecs import decoded
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, Event, Position
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.records import open_records

EVER = TimeRange(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def mapped(files: dict[str, Path]) -> Iterator[tuple[dict[str, Any], Event]]:
    """Every record beside its event."""
    for name, file in files.items():
        for number, line in enumerate(file.read_bytes().splitlines()):
            event = map_line(line, Position(name, number), None, utc_now())
            assert isinstance(event, Event), f"{name} line {number + 1}: {event.reason}"
            yield json.loads(line), event


def test_every_record_is_mapped_and_agrees_with_its_line(verified_eve: dict[str, Path]) -> None:
    kinds: Counter[str] = Counter()
    for eve, event in mapped(verified_eve):
        document = decoded(event)
        kinds[eve["event_type"]] += 1
        assert json.loads(event.original) == eve
        assert event.at == datetime.fromisoformat(eve["timestamp"])
        assert datetime.fromisoformat(document["@timestamp"]) == event.at
        assert document["event"]["dataset"] == f"suricata.{eve['event_type']}"
        assert (document["event"]["kind"] == "alert") == event.alert == (eve["event_type"] == "alert")
        assert document.get("source", {}).get("ip") == eve.get("src_ip")
        assert document.get("source", {}).get("port") == eve.get("src_port")
        assert document.get("destination", {}).get("ip") == eve.get("dest_ip")
        assert document.get("destination", {}).get("port") == eve.get("dest_port")
        assert document.get("network", {}).get("community_id") == eve.get("community_id")
        assert document["suricata"]["eve"].get("flow_id") == (str(eve["flow_id"]) if "flow_id" in eve else None)
        if event.alert:
            assert document["rule"]["id"] == str(eve["alert"]["signature_id"])
            assert document["wardwatch"]["severity"] in ("critical", "high", "medium", "low", "info")
    assert len(kinds) >= 23, kinds
    assert kinds["alert"] > 500


def test_a_type_without_a_mapping_keeps_its_section_whole(verified_eve: dict[str, Path]) -> None:
    checked: Counter[str] = Counter()
    for eve, event in mapped(verified_eve):
        kind = eve["event_type"]
        if kind in ("ssh", "smtp", "mqtt", "rfb", "krb5", "snmp", "sip", "dhcp", "ftp", "quic"):
            assert decoded(event)["suricata"]["eve"][kind] == eve[kind]
            protocol = decoded(event)["network"]["protocol"]
            assert protocol == kind, "rfb is not rdp"
            checked[kind] += 1
    assert len(checked) == 10, checked


def test_the_alerts_are_those_that_the_captures_are_known_for(
    verified_eve: dict[str, Path], known_signatures: dict[str, set[str]]
) -> None:
    found: dict[str, set[str]] = {name: set() for name in verified_eve}
    for _, event in mapped(verified_eve):
        if event.alert:
            found[event.position.source].add(decoded(event)["rule"]["id"])
    assert found == {name: known_signatures[name] for name in found}


def test_stored_once_whatever_is_delivered_twice(verified_eve: dict[str, Path], tmp_path: Path) -> None:
    together = tmp_path / "all.json"
    together.write_bytes(b"".join(file.read_bytes() for file in verified_eve.values()))
    written = Counter(json.loads(line)["event_type"] for line in together.read_bytes().splitlines())
    store = open_records(tmp_path / "records", utc_now)
    numbers = itertools.count(1)

    def append(batch: Batch) -> AppendResult:
        return store.append(Actor.system("test"), replace(batch, edge="e", epoch="1", sequence=next(numbers)))

    try:
        first = import_file(together, EveMapper(None, utc_now), append)
        second = import_file(together, EveMapper(None, utc_now), append)
        counted = store.count(Scope.everything(), EventQuery(EVER), "event.dataset")
    finally:
        store.close()
    assert (first.stored, first.rejected) == (written.total(), 0)
    assert (second.stored, second.duplicates) == (0, written.total())
    assert counted == {f"suricata.{kind}": number for kind, number in written.items()}
