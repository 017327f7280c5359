"""What a device leaves out of its time is guessed from the moment of reception."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from collectors.syslog.stamps import Stamps

HANOI = timezone(timedelta(hours=7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "month", "day", "clock", "meant"),
    [
        ("2026-11-23T08:00:00", "Nov", "23", "15:00:01", "2026-11-23T08:00:01"),  # the city's own zone
        ("2026-11-23T08:00:00", "Nov", "23", "07:59:58.250", "2026-11-23T07:59:58.250"),  # UTC
        ("2027-01-01T00:00:10", "Dec", "31", "23:59:59", "2026-12-31T23:59:59"),  # the year before
        ("2026-12-31T16:59:50", "Jan", "1", "00:00:05", "2026-12-31T17:00:05"),  # the year ahead
        ("2028-02-29T05:00:00", "Feb", "29", "12:00:00", "2028-02-29T05:00:00"),
        ("2026-06-30T23:59:59", "Jun", "30", "23:59:60", "2026-06-30T23:59:59"),  # a leap second
    ],
)
def test_year_and_zone_are_the_nearest(now: str, month: str, day: str, clock: str, meant: str) -> None:
    assert Stamps(at(now), HANOI).bsd(month, day, clock, None, None) == at(meant)


@pytest.mark.parametrize(
    ("month", "day", "clock", "year", "zone"),
    [
        ("Mar", "1", "00:00:12", None, None),  # a clock that was never set
        ("Nov", "25", "08:00:00", None, "UTC"),  # two days ahead
        ("Nov", "31", "08:00:00", None, None),
        ("Nov", "23", "25:00:00", None, None),
        ("Nov", "23", "08:00:00", "0000", None),
        ("Nov", "23", "08:00:00", "1993", None),
    ],
)
def test_what_cannot_be_is_not_believed(month: str, day: str, clock: str, year: str | None, zone: str | None) -> None:
    assert Stamps(at("2026-11-23T08:00:00"), HANOI).bsd(month, day, clock, year, zone) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00"),
        ("2026-11-23T15:00:00.123456+07:00", "2026-11-23T08:00:00.123456"),
        ("2026-11-23T15:00:00", "2026-11-23T08:00:00"),
    ],
)
def test_iso(text: str, meant: str) -> None:
    assert Stamps(at("2026-11-23T08:00:00"), HANOI).iso(text) == at(meant)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_no_iso(text: str) -> None:
    assert Stamps(at("2026-11-23T08:00:00"), HANOI).iso(text) is None


def test_zones_by_name_and_by_shift() -> None:
    stamps = Stamps(at("2026-11-23T08:00:00"), HANOI)
    for clock, zone in (("08:00:00", "UTC"), ("15:00:00", "ICT"), ("17:00:00", "+09:00"), ("06:30:00", "-0130")):
        assert stamps.bsd("Nov", "23", clock, None, zone) == at("2026-11-23T08:00:00"), zone
