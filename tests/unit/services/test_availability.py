"""Availability over a month."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import UserError
from wardwatch.model.care import Maintenance
from wardwatch.model.inventory import Check, Inventory, Service, Unit
from wardwatch.model.queries import Total
from wardwatch.model.time import TimeRange
from wardwatch.services.availability import STEP, Availabilities, Availability, month_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = TimeRange(NOON, NOON + timedelta(hours=1))
CITY = Inventory(
    units={"city": Unit("city", "Thành phố", "city", "01"), "dept": Unit("dept", "Sở", "department", "02", "city")},
    services={
        "portal": Service("portal", "Cổng", "information-system", "city", devices=("server",)),
        "permit": Service("permit", "Cấp phép", "public-service", "dept", level=4, depends_on=("portal",)),
        "other": Service("other", "Khác", "public-service", "city", level=3),
        "a": Service("a", "A", "information-system", "city", depends_on=("b",)),
        "b": Service("b", "B", "information-system", "city", depends_on=("a",)),
    },
    checks={"page": Check("page", "portal", "http", "portal"), "form": Check("form", "permit", "http", "permit")},
)


def steps(check: str, *shares: float) -> list[Total]:
    return [
        Total((check,), NOON + STEP * number, (10 * share, 10 * (1 - share))) for number, share in enumerate(shares)
    ]


def window(minutes: int, length: int, **scope: Any) -> Maintenance:
    start = NOON + timedelta(minutes=minutes)
    return Maintenance(f"w{minutes}", "nâng cấp", "lan", NOON, start, start + timedelta(minutes=length), **scope)


def of(service: str, totals: list[Total], *windows: Maintenance) -> Availability:
    return Availabilities(CITY, totals, windows, HOUR).of(CITY.services[service])


def test_a_service_is_as_available_as_the_worst_it_needs() -> None:
    totals = steps("page", 1, 1, 0.5, 1) + steps("form", 1, 0, 1, 1)
    assert of("portal", totals) == Availability(87.5, 2400, 300, 0)
    permit = of("permit", totals)
    assert permit.percent == pytest.approx(62.5)
    assert (permit.measured_s, permit.failed_s) == (2400, 900)


def test_what_nobody_measured_is_unknown() -> None:
    assert of("other", steps("page", 1)).percent is None
    assert of("a", []).percent is None, "a circle of dependencies ends"


@pytest.mark.parametrize(
    ("scope", "excluded"),
    [({"service": "portal"}, True), ({"device": "server"}, True), ({"unit": "dept"}, True), ({"unit": "city"}, True),
     ({"service": "other"}, False), ({"device": "elsewhere"}, False)],
)  # fmt: skip
def test_maintenance_does_not_count(scope: dict[str, str], excluded: bool) -> None:
    found = of("permit", steps("page", 1, 0, 1, 1), window(10, 10, **scope))
    assert found.percent == (100 if excluded else 75)
    assert found.maintained_s == (600 if excluded else 0)


def test_overlapping_windows_count_once_and_an_ended_one_until_then() -> None:
    both = of("portal", steps("page", 1), window(20, 20, service="portal"), window(30, 20, service="portal"))
    assert both.maintained_s == 30 * 60
    early = window(20, 20, service="portal")
    ended = Maintenance(**{name: getattr(early, name) for name in early.__slots__} | {"ended_at": NOON})
    assert of("portal", steps("page", 1), ended).maintained_s == 0


def test_a_month_is_that_of_the_city() -> None:
    assert month_of("2026-10", NOON) == TimeRange(
        datetime(2026, 9, 30, 17, tzinfo=UTC), datetime(2026, 10, 31, 17, tzinfo=UTC)
    )
    assert month_of(None, NOON).end == NOON
    assert month_of("2025-12", NOON).end == datetime(2025, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-13", "soon", "2026", "2026-12", "99999-1", "-1-1"])
def test_what_is_no_month_is_said(text: str) -> None:
    with pytest.raises(UserError):
        month_of(text, NOON)
