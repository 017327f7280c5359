"""The small rules that everything stands on: text, time, scope, severity."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardwatch.model.access import Scope
from wardwatch.model.status import SEVERITY_ORDER, STATUS_ORDER, Severity, Status, worst_severity
from wardwatch.model.text import fold, nfc
from wardwatch.model.time import TimeRange, duration

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def test_search_folds_vietnamese() -> None:
    assert fold("Phường Đồng Hưng Thuận") == "phuong dong hung thuan"
    assert fold(unicodedata.normalize("NFD", "Đường Ế")) == "duong e"


@given(st.text())
def test_folding_and_nfc_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert nfc(nfc(text)) == nfc(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5400), ("250ms", 0.25), ("0", 0), ("1.5m", 90), ("1d2h3m4s", 93784)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "5", "5 m", "m5", "-5m", "5m!", "9" * 30 + "d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration|is too long"):
        duration(text)


def test_a_time_range_is_half_open_and_aware() -> None:
    hour = TimeRange.last(timedelta(hours=1), AT)
    assert hour.start in hour
    assert hour.end not in hour
    with pytest.raises(ValueError, match="time zones"):
        TimeRange(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001 - what is refused here
    with pytest.raises(ValueError, match="before it starts"):
        TimeRange(AT, AT - timedelta(seconds=1))


def test_a_scope_sees_its_units_only() -> None:
    ward = Scope.of("w1")
    assert ward.sees("w2", "w1")
    assert not ward.sees("w2")
    assert not ward.sees(None)
    assert Scope.everything().sees(None)
    assert Scope.everything().narrowed(frozenset({"w1"})) == ward
    assert ward.narrowed(frozenset({"w2"})).units == frozenset()


def test_orders_name_every_word_once() -> None:
    assert sorted(STATUS_ORDER) == sorted(Status)
    assert sorted(SEVERITY_ORDER) == sorted(Severity)
    assert worst_severity(Severity.LOW, Severity.HIGH) is Severity.HIGH
    assert worst_severity() is Severity.INFO
