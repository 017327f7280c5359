"""The short ways of the mapping come to the same as the long ones, and what it remembers stays small and apart."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.suricata.ecs import MAX_DEPTH, map_line
from collectors.suricata.ecs_endpoints import AddressBook, canonical_address
from collectors.suricata.eve_values import Memory, utc_time
from wardwatch.ecs import decoded, event_of
from wardwatch.model.records import Event, Position, Rejected

AT = Position("source", 7)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LINES = [
    line
    for case in sorted((Path(__file__).parents[2] / "cases").glob("eve-*"))
    for line in (case / "input.json").read_bytes().splitlines()
]


def mapped(record: dict[str, Any]) -> Event:
    event = map_line(json.dumps(record).encode(), AT, None, NOW)
    assert isinstance(event, Event), event
    return event


def alert(**section: Any) -> dict[str, Any]:
    return {"timestamp": "2026-01-01T00:00:00Z", "event_type": "alert", "alert": section}


@pytest.mark.parametrize("line", LINES)
def test_an_event_is_what_any_reader_of_its_document_would_make_of_it(line: bytes) -> None:
    event = map_line(line, AT, None, NOW)
    assert isinstance(event, Event)
    document = orjson.loads(event.document)
    assert event_of(AT, event.at, event.units, document, event.original) == event


def test_a_memory_is_bounded_in_entries_and_in_their_length() -> None:
    asked: list[str] = []

    def length(key: str) -> int:
        asked.append(key)
        return len(key)

    memory = Memory(length, entries=3, longest=4)
    for number in range(1000):
        assert memory[str(number)] == len(str(number))
        assert memory["much too long"] == 13
        assert len(memory) <= 3
        assert "much too long" not in memory
    assert memory["999"] == 3
    assert asked.count("999") == 1


def test_an_address_book_keeps_no_endless_text() -> None:
    book = AddressBook(None)
    endless = "fe80::1%" + "x" * 100_000
    assert book.known[endless] is not None
    assert book.known["10.1.0.9"] is not None
    assert list(book.known) == ["10.1.0.9"]


def test_alerts_that_python_takes_for_equal_are_kept_apart() -> None:
    said: list[dict[str, Any]] = [{"severity": 1}, {"severity": True}, {"severity": 1.0}, {"severity": "1"}]
    documents = [decoded(mapped(alert(signature_id=5, rev=1, **section))) for section in said]
    kept = [document["suricata"]["eve"]["alert"]["severity"] for document in documents]
    assert [(type(value), value) for value in kept] == [(int, 1), (bool, True), (float, 1.0), (str, "1")]
    assert [document["wardwatch"]["severity"] for document in documents] == ["high", "info", "info", "info"]


def test_what_is_remembered_is_not_changed_by_the_events_that_share_it() -> None:
    first, other = alert(signature_id=9, action="allowed"), alert(signature_id=9, action="allowed")
    plain = mapped(first).document
    reply = {"direction": "to_client", "http": {"hostname": "a.vn", "status": 200}, "flow": {"bytes_toserver": 1}}
    mapped(other | reply | {"src_ip": "10.0.0.1", "dest_ip": "10.0.0.2", "host": "s", "in_iface": "e"})
    assert mapped(first).document == plain


@given(
    st.timedeltas(timedelta(), timedelta(days=36500)),
    st.sampled_from([0, 7, -3]),
    st.sampled_from(
        ["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S.%f%z", "%Y%m%dT%H%M%S.%f%z", "%G-W%V-%uT%H:%M:%S,%f%z"]
    ),
)
def test_a_time_is_written_the_same_whichever_way_it_came(later: timedelta, hours: int, form: str) -> None:
    at = datetime(2000, 1, 1, tzinfo=UTC) + later
    written = at.astimezone(timezone(timedelta(hours=hours))).strftime(form)
    assert utc_time(written) == (at, f"{at:%Y-%m-%dT%H:%M:%S.%f}Z")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.1.0.9", "10.1.0.9"),
        ("010.1.0.9", None),
        ("10.1.9", None),
        ("10.1.0.9 ", None),
        ("10.1.0.9\0", None),
        ("١٠.1.0.9", None),
        ("::ffff:10.1.0.9", "10.1.0.9"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("", None),
    ],
)
def test_an_address_has_one_short_form(text: str, canonical: str | None) -> None:
    assert canonical_address(text) == canonical


def test_brackets_inside_texts_do_not_make_a_record_deep() -> None:
    record = {"timestamp": "2026-01-01T00:00:00Z", "event_type": "x", "a": ["}{[" * 400, {"b": ["]" * 99]}]}
    assert decoded(mapped(record))["suricata"]["eve"]["a"] == record["a"]


def test_depth_is_seen_behind_brackets_inside_texts() -> None:
    deep: Any = "}]"
    for _ in range(MAX_DEPTH):
        deep = [deep]
    line = json.dumps({"timestamp": "2026-01-01T00:00:00Z", "event_type": "x", "a": deep}).encode()
    outcome = map_line(line, AT, None, NOW)
    assert isinstance(outcome, Rejected)
    assert "levels deep" in outcome.reason
