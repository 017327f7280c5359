"""Raw counters to rates: what is counted, what is a wrap, and what is withheld."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collectors.snmp.rates import FASTEST_BPS, UPTIME_MODULUS, RawColumn, RawTable, ceilings, counted, rates, restarted

SOURCES = {"in_octets": ("ifHCInOctets", "ifInOctets")}
GIGABIT = 1e9 * 1.05


def table(at: float, value: int | None, *, bits: int = 64, uptime_s: float | None = None, **other: object) -> RawTable:
    name = "ifHCInOctets" if bits == 64 else "ifInOctets"
    ticks = round((1000.0 + at if uptime_s is None else uptime_s) * 100) % UPTIME_MODULUS
    whole = RawTable(at, ticks, ("1",), ("ge-0/0/1",), (0,), {name: RawColumn(at, bits, (value,))})
    return replace(whole, **other)  # type: ignore[arg-type]


def rate(before: RawTable | None, now: RawTable, most_bps: float = GIGABIT) -> float | None:
    return rates(before, now, SOURCES, (most_bps,) * len(now.index), 900.0).columns["in_octets"][0]


def test_first_sight_gives_no_rate() -> None:
    assert rate(None, table(0.0, 5)) is None


@given(st.integers(0, 2**64 - 1), st.integers(1, 7_000_000_000), st.floats(10.0, 600.0))
def test_a_64_bit_counter_gives_its_rate_across_a_wrap(before: int, counted_octets: int, seconds: float) -> None:
    assume(counted_octets * 8 / seconds < 1e9)
    found = rate(table(0.0, before), table(seconds, (before + counted_octets) % 2**64))
    assert found == pytest.approx(counted_octets / seconds)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**31 - 1))
def test_a_32_bit_wrap_is_counted(before: int, difference: int) -> None:
    now = (before + difference) % 2**32
    wrapped_from_below = now < before < 2**31
    assert counted(before, now, 32, 2.0**40) == (None if wrapped_from_below else difference)


@given(st.integers(1, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_whatever_is_given_is_never_negative_nor_above_the_bound(before: int, now: int) -> None:
    found = counted(before, now, 64, 1e12)
    assert found is None or 0 <= found <= 1e12


def test_a_counter_set_to_zero_is_no_wrap() -> None:
    found = rates(table(0.0, 5_000_000), table(60.0, 100), SOURCES, (GIGABIT,), 900.0)
    assert found.columns["in_octets"] == (None,)
    assert found.implausible == 1


def test_more_than_the_port_can_carry_is_withheld_and_counted() -> None:
    found = rates(table(0.0, 0), table(10.0, 2_000_000_000), SOURCES, (GIGABIT,), 900.0)
    assert (found.columns["in_octets"], found.implausible) == ((None,), 1)
    assert rate(table(0.0, 0), table(10.0, 1_300_000_000)) == pytest.approx(130_000_000)


def test_a_restart_is_no_traffic() -> None:
    found = rates(table(0.0, 10**9), table(60.0, 10**9 + 5, uptime_s=20.0), SOURCES, (GIGABIT,), 900.0)
    assert found.restarted
    assert found.columns["in_octets"] == (None,)


def test_a_row_whose_counters_were_broken_gives_no_rate() -> None:
    assert rate(table(0.0, 100), table(60.0, 200, discontinuity=(9000,))) is None


def test_another_port_at_the_same_index_gives_no_rate() -> None:
    before = RawTable(0.0, 1000, ("1", "2"), ("a", "b"), (0, 0), {"ifHCInOctets": RawColumn(0.0, 64, (100, 1_000_000))})
    now = RawTable(10.0, 2000, ("2", "3"), ("a", "b"), (0, 0), {"ifHCInOctets": RawColumn(10.0, 64, (110, 120))})
    found = rates(before, now, SOURCES, (GIGABIT, GIGABIT), 900.0)
    assert (found.columns["in_octets"], found.broken) == ((None, None), 1)


def test_rows_that_moved_in_the_table_keep_their_rates() -> None:
    before = RawTable(0.0, 0, ("1", "2"), ("a", "b"), (0, 0), {"ifHCInOctets": RawColumn(0.0, 64, (100, 1000))})
    now = RawTable(10.0, 1000, ("2",), ("b",), (0,), {"ifHCInOctets": RawColumn(10.0, 64, (1500,))})
    assert rate(before, now) == 50.0


def test_32_bits_fill_rows_that_have_no_64_bit_counter() -> None:
    def both(at: float, high: tuple[int | None, ...], low: tuple[int, ...]) -> RawTable:
        columns = {"ifHCInOctets": RawColumn(at, 64, high), "ifInOctets": RawColumn(at, 32, low)}
        return RawTable(at, round(at * 100), ("1", "2"), ("a", "b"), (0, 0), columns)

    found = rates(both(0.0, (0, None), (7, 2**32 - 5)), both(10.0, (100, None), (9, 5)), SOURCES, (GIGABIT,) * 2, 900.0)
    assert found.columns["in_octets"] == (10.0, 1.0)


def test_a_64_bit_counter_that_comes_late_is_not_compared_with_the_32_bit_one() -> None:
    assert rate(table(0.0, 100, bits=32), table(10.0, 10**12)) is None


def test_after_a_long_silence_no_rate_is_given() -> None:
    assert rate(table(0.0, 100), table(901.0, 200)) is None


@given(st.integers(0, UPTIME_MODULUS - 1), st.floats(1.0, 3600.0))
def test_time_going_on_is_no_restart_even_across_497_days(before: int, elapsed_s: float) -> None:
    assert not restarted(before, round(before + elapsed_s * 100) % UPTIME_MODULUS, elapsed_s)


@given(st.floats(600.0, 40_000_000.0), st.floats(30.0, 300.0), st.floats(0.0, 1.0))
def test_an_agent_that_was_up_long_and_began_anew_is_a_restart(up_s: float, elapsed_s: float, share: float) -> None:
    assert restarted(round(up_s * 100), round(elapsed_s * share * 100), elapsed_s)


def test_a_second_restart_soon_after_the_first_is_seen() -> None:
    assert restarted(before=1_000, now=5_000, elapsed_s=120.0)


def test_an_agent_without_uptime_is_taken_to_go_on() -> None:
    assert not restarted(None, 5, 60.0)
    assert not restarted(5, None, 60.0)


def test_a_nominal_speed_bounds_nothing() -> None:
    assert ceilings((100_000.0, None, 1e9, 10e6), (131, 6, 6, 24)) == (FASTEST_BPS, FASTEST_BPS, GIGABIT, FASTEST_BPS)
