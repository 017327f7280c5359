"""Who is told what and when: routes, quiet hours, escalation, drills, rotas."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.notify.plan import due_steps
from wardwatch.notify.rota import on_call, turns
from wardwatch.notify.settings import Channel, NotifySettings, Override, QuietHours, Rota, Route, Target

OPENED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 09:00 in the city, a Monday
ROTA = Rota("noc", ("an", "binh"), date(2026, 11, 23))
SETTINGS = NotifySettings(
    channels={name: Channel(name, f"secret://{name}") for name in ("mail", "an", "binh", "boss", "room")},
    people={"an": ("an",), "binh": ("binh",)},
    rotas={"noc": ROTA},
    routes=(
        Route(
            "serious",
            Target(("mail",), ("noc",)),
            severities=(Severity.CRITICAL, Severity.HIGH),
            escalation=(Target(("boss",)),),
        ),
    ),
    drill_channels=("room",),
)


def incident(**changed: object) -> Incident:
    said = Incident(
        "i-1", 7, "default", Words("Đứt kênh", "Line cut"), IncidentState.OPEN, Severity.HIGH,
        "phuong-5", ("phuong-5",), ("rt-5",), (), (), OPENED, OPENED,
    )  # fmt: skip
    return replace(said, **changed)  # type: ignore[arg-type]


def told(
    what: Incident, minutes: float = 0, settings: NotifySettings = SETTINGS, kinds: frozenset[str] = frozenset()
) -> list[tuple[str, int, tuple[str, ...]]]:
    now = OPENED + timedelta(minutes=minutes)
    steps = due_steps(what, kinds, settings, lambda unit: (unit, "quan-1", "city"), now)
    return [(step.route, step.number, step.channels) for step in steps]


def test_a_route_tells_its_channels_and_who_is_on_call() -> None:
    assert told(incident()) == [("serious", 0, ("mail", "an"))]


def test_nobody_who_took_it_lets_it_escalate_after_the_sla() -> None:
    assert len(told(incident(), 29.9)) == 1
    assert told(incident(), 30)[1] == ("serious", 1, ("boss",))
    assert len(told(incident(severity=Severity.CRITICAL), 15)) == 2
    assert len(told(incident(), 10_000)) == 2


@pytest.mark.parametrize("state", [IncidentState.ACKNOWLEDGED, IncidentState.CLOSED])
def test_what_somebody_took_is_told_no_further(state: IncidentState) -> None:
    assert told(incident(state=state), 600) == []


def test_a_drill_never_pages_the_rota() -> None:
    assert told(incident(namespace="drill-1", severity=Severity.CRITICAL), 600) == [("drills", 0, ("room",))]
    assert told(incident(namespace="drill-1"), 600, replace(SETTINGS, drill_channels=())) == []


def test_routes_match_severity_kind_and_units_below() -> None:
    assert told(incident(severity=Severity.MEDIUM)) == []
    outages = replace(SETTINGS, routes=(Route("r", Target(("mail",)), kinds=("outage",)),))
    assert told(incident(), settings=outages, kinds=frozenset({"alert"})) == []
    assert told(incident(), settings=outages, kinds=frozenset({"alert", "outage"})) != []
    district = replace(SETTINGS, routes=(Route("r", Target(("mail",)), units=("quan-1",)),))
    other = replace(SETTINGS, routes=(Route("r", Target(("mail",)), units=("quan-2",)),))
    assert (len(told(incident(), settings=district)), told(incident(), settings=other)) == (1, [])


def test_quiet_hours_hold_the_mild_ones_past_midnight() -> None:
    everything = replace(SETTINGS, routes=(Route("all", Target(("mail",))),), quiet=QuietHours(time(22), time(6)))
    mild = incident(severity=Severity.LOW)
    assert told(mild, 13 * 60, everything) == []
    assert told(mild, 13 * 60 - 1, everything) != []
    assert told(mild, 20 * 60 + 59, everything) == []
    assert told(mild, 21 * 60, everything) != []
    assert told(incident(), 14 * 60, everything) != []


def test_weeks_are_handed_over_in_the_citys_time() -> None:
    handover = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
    assert on_call(ROTA, handover - timedelta(seconds=1)) == "an"
    assert on_call(ROTA, handover) == "binh"
    assert on_call(ROTA, handover + timedelta(weeks=1)) == "an"
    assert on_call(ROTA, datetime(2026, 11, 23, 0, 59, tzinfo=UTC)) is None
    assert [turn.person for turn in turns(ROTA, handover, 3)] == ["binh", "an", "binh"]


def test_somebody_stands_in() -> None:
    rota = replace(ROTA, overrides=(Override(OPENED, OPENED + timedelta(hours=4), "binh"),))
    assert (on_call(rota, OPENED), on_call(rota, OPENED + timedelta(hours=4))) == ("binh", "an")
