"""Traffic is a function of time: monotone, busy when people work, consistent at any instant."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp.simulator.traffic import CURVES, EPOCH_S, WEEK_S, Flow, fraction

FLOW = Flow.seeded(100e6, "office", 1, "link")
HANOI = timezone(timedelta(hours=7))
INSTANTS = st.integers(EPOCH_S, EPOCH_S + 20 * 365 * 86_400)


@given(INSTANTS, st.integers(1, 100_000), st.sampled_from(sorted(CURVES)), st.integers(0, 50))
def test_counters_never_run_backward(at_s: int, later_s: int, curve: str, seed: int) -> None:
    flow = Flow.seeded(1e9, curve, seed)
    assert flow.octets(at_s + later_s) > flow.octets(at_s)


def rate_bps(local: datetime) -> float:
    at_s = local.timestamp()
    return sum((flow.octets(at_s + 3600) - flow.octets(at_s)) * 8 / 3600 for flow in _flows()) / 40


def _flows() -> list[Flow]:
    return [Flow.seeded(100e6, "office", seed) for seed in range(40)]


@pytest.mark.parametrize("hour", [9, 10, 14, 15])
def test_working_hours_are_busy_in_hanoi(hour: int) -> None:
    tuesday = datetime(2026, 11, 24, tzinfo=HANOI)
    busy = rate_bps(tuesday + timedelta(hours=hour))
    assert 60e6 < busy < 110e6
    assert busy > 1.3 * rate_bps(tuesday + timedelta(hours=12))
    assert busy > 8 * rate_bps(tuesday + timedelta(hours=2))
    assert busy > 4 * rate_bps(tuesday + timedelta(days=5, hours=hour))


def test_the_integral_is_that_of_the_load() -> None:
    curve = CURVES["centre"]
    step = 60.0
    summed = sum(curve.load(second * step + step / 2) * step for second in range(int(WEEK_S / step)))
    assert curve.integral(WEEK_S) == pytest.approx(summed, rel=1e-6)
    assert curve.integral(3 * WEEK_S + 5000) - curve.integral(5000) == pytest.approx(3 * summed, rel=1e-6)


def test_the_epoch_is_monday_midnight_in_hanoi() -> None:
    assert datetime.fromtimestamp(EPOCH_S, HANOI) == datetime(2024, 1, 1, tzinfo=HANOI)
    assert datetime.fromtimestamp(EPOCH_S, HANOI).weekday() == 0


def test_fractions_follow_from_their_words_alone() -> None:
    assert fraction(1, "a") == fraction(1, "a") != fraction(1, "b")
    assert 0 <= fraction("x") < 1
    assert Flow.seeded(100e6, "office", 1, "link") == FLOW
