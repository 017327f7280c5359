"""The pure half of the record store: cutting days, text, cursors, SQL of filters."""

from datetime import UTC, datetime, timedelta

import pytest

from wardwatch.ecs import folded, searchable, values_of
from wardwatch.errors import UserError
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.text import fold
from wardwatch.model.time import TimeRange
from wardwatch.records.embedded.filters import json_path, where
from wardwatch.records.embedded.sealer import cut_days
from wardwatch.records.embedded.tables import PROMOTED
from wardwatch.records.questions import read_cursor, write_cursor

DAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(("count", "files"), [(0, 0), (1, 1), (32, 32), (33, 17), (1000, 32), (47_000, 32)])
def test_days_are_cut_into_few_ranges_that_cover_all(count: int, files: int) -> None:
    days = [DAY + timedelta(days=2 * number) for number in range(count)]
    ranges = cut_days(days, 32)
    assert len(ranges) == files
    covered = [day for first, last in ranges for day in days if first <= day <= last] if count < 2000 else days
    assert covered == days


@pytest.mark.parametrize("text", ["ABC def", "Đống Đa", "", "Straße", "İstanbul", "ủy ban ＡＢ"])
def test_the_short_way_of_folding_is_the_long_one(text: str) -> None:
    assert folded(text) == fold(text)


def test_values_of_are_text_and_the_first_of_a_list() -> None:
    document = {
        "event": {"kind": "alert", "severity": 2},
        "source": {"ip": ["10.0.0.1", "10.0.0.2"]},
        "destination": {"port": 443, "ip": []},
        "rule": "not a map",
    }
    found = {name: value for name, value in zip(PROMOTED, values_of(document), strict=True) if value is not None}
    assert found == {"event.kind": "alert", "event.severity": "2", "source.ip": "10.0.0.1", "destination.port": "443"}


def test_searchable_text_has_message_rule_and_addresses() -> None:
    values = values_of({"rule": {"name": "Dò CỔNG"}, "source": {"ip": ["10.0.0.1", 7]}, "destination": 5})
    assert searchable("Quét", values) == "quet do cong 10.0.0.1"
    assert searchable({"no": "text"}, values_of({})) == ""


def test_a_cursor_comes_back() -> None:
    place = (datetime(2026, 3, 2, 8, 0, 0, 1, tzinfo=UTC), "tệp/1", 2**40)
    assert read_cursor(write_cursor(place)) == place
    for foreign in ("", "x", "bm9uc2Vuc2U", write_cursor(place)[3:]):
        with pytest.raises(UserError):
            read_cursor(foreign)


def test_values_are_never_part_of_the_statement() -> None:
    time = TimeRange(DAY, DAY)
    hostile = "x' OR '1'='1"
    query = EventQuery(time, namespace=hostile, filters={"rule.id": (hostile,), "a.b": (hostile,)}, text=hostile)
    clause = where(Scope.of(hostile), query)
    assert hostile not in clause.sql
    assert clause.sql.count("?") == len(clause.parameters)


@pytest.mark.parametrize("key", ["a b", "a.", ".a", "a..b", "ă", "a;b", "a'b", "a\n"])
def test_field_names_are_plain_words(key: str) -> None:
    with pytest.raises(UserError):
        json_path(key)
