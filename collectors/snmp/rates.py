"""Raw counters of two rounds to rates. Pure: nothing here knows the network or the clock.

RFC 2863 section 3.1.6: a counter means nothing alone, and its difference nothing across a discontinuity. So a rate is
None at first sight, after a restart (sysUpTime), after a discontinuity of the row (ifCounterDiscontinuityTime), when
the name at an index changed, and when the difference is more than the port could have carried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import gt

TICKS_PER_SECOND = 100
UPTIME_MODULUS = 2**32
"""sysUpTime wraps after 497 days."""

FASTEST_BPS = 1.6e12
"""Bounds ports whose speed is unknown or only nominal: the fastest Ethernet there is (IEEE 802.3dj)."""

TOLERANCE = 1.05
"""A counter is read a little before or after the moment that is noted for it."""

SMALLEST_FRAME_BITS = 512
SOFTWARE_LOOPBACK = 24
"""ifType of a loopback, whose speed (10 Mbit/s in net-snmp) is made up."""

LINE_RATES_BPS: frozenset[float] = frozenset(
    megabits * 1e6 for megabits in (10, 100, 1000, 2500, 5000, 10e3, 20e3, 25e3, 40e3, 50e3, 100e3, 200e3, 400e3, 800e3)
)

Values = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One counter column of all rows, as read at `at` (s, monotonic); `bits` is 32 or 64."""

    at: float
    bits: int
    values: Values


@dataclass(frozen=True, slots=True)
class RawTable:
    """What a round read. `names` tell whether an ifIndex is still the same port, `discontinuity` is as in the MIB;
    `columns` go by their MIB names. `uptime_at` is when `uptime_ticks` was read."""

    uptime_at: float
    uptime_ticks: int | None
    index: tuple[str, ...]
    names: tuple[str, ...]
    discontinuity: Values
    columns: dict[str, RawColumn]


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates per second of each counter by row, and how many were withheld: `implausible` values, `broken` rows (a
    discontinuity or another port), `restarted` is True when the whole agent started anew."""

    columns: dict[str, tuple[float | None, ...]]
    implausible: int = 0
    broken: int = 0
    restarted: bool = False


def restarted(before: int | None, now: int | None, elapsed_s: float) -> bool:
    """Whether the agent started anew between two sysUpTime readings (ticks) that lie `elapsed_s` apart.

    A wrap after 497 days goes on from where it was; an agent that started anew has not been up for longer than the
    time between the readings. An agent whose clock merely runs wrong is neither.
    """
    if before is None or now is None:
        return False
    elapsed = elapsed_s * TICKS_PER_SECOND
    tolerance = 3 * TICKS_PER_SECOND + 0.05 * elapsed
    astray = (now - before - elapsed) % UPTIME_MODULUS
    if min(astray, UPTIME_MODULUS - astray) <= tolerance:
        return False
    return now < before or now <= elapsed + tolerance


def ceilings(speeds_bps: Sequence[float | None], types: Sequence[int | None]) -> tuple[float, ...]:
    """The most bits per second each port can carry: its speed where that is a line rate.

    A speed that is none (a `bandwidth` statement, the nominal 100 kbit/s of a tunnel, 0) and that of a loopback bound
    nothing.
    """
    return tuple(
        [
            speed * TOLERANCE if speed and speed in LINE_RATES_BPS and kind != SOFTWARE_LOOPBACK else FASTEST_BPS
            for speed, kind in zip(speeds_bps, types, strict=True)
        ]
    )


def rates(
    before: RawTable | None,
    now: RawTable,
    sources: Mapping[str, Sequence[str]],
    most_bps: Sequence[float],
    longest_gap_s: float,
) -> RateTable:
    """The rates of every counter of `sources`, which maps it to its columns, best first.

    `most_bps` bounds each row of `now` (see `ceilings`); over more than `longest_gap_s` no rate is worth giving.
    """
    nothing: tuple[float | None, ...] = (None,) * len(now.index)
    columns = dict.fromkeys(sources, nothing)
    if before is None or now.uptime_at - before.uptime_at > longest_gap_s:
        return RateTable(columns)
    if restarted(before.uptime_ticks, now.uptime_ticks, now.uptime_at - before.uptime_at):
        return RateTable(columns, restarted=True)
    order, broken = _same_rows(before, now)
    implausible = 0
    most_octets = [bps / 8 for bps in most_bps]
    most_packets = [bps / SMALLEST_FRAME_BITS for bps in most_bps]
    for counter, names in sources.items():
        most = most_octets if counter.endswith("octets") else most_packets
        for name in names:
            old, new = before.columns.get(name), now.columns.get(name)
            if old is None or new is None or new.at <= old.at:
                continue
            values = old.values if order is None else tuple([None if i is None else old.values[i] for i in order])
            found, withheld = column_rates(values, new.values, new.at - old.at, new.bits, most)
            implausible += withheld
            columns[counter] = found if columns[counter] is nothing else _filled(columns[counter], found)
    return RateTable(columns, implausible, broken)


def column_rates(
    before: Values, now: Values, seconds: float, bits: int, most_ps: Sequence[float]
) -> tuple[tuple[float | None, ...], int]:
    """Rates per second of one column, and how many were withheld as implausible (above `most_ps` of their row)."""
    scale = 1.0 / seconds
    try:
        found = [(new - old) * scale for old, new in zip(before, now, strict=True)]  # type: ignore[operator]
        if not found or (min(found) >= 0.0 and not any(map(gt, found, most_ps))):
            return tuple(found), 0
    except TypeError:
        # A row without a value, now or then: row by row.
        pass
    result: list[float | None] = []
    withheld = 0
    for old, new, most in zip(before, now, most_ps, strict=True):
        if old is None or new is None:
            result.append(None)
            continue
        count = counted(old, new, bits, most * seconds)
        withheld += count is None
        result.append(None if count is None else count * scale)
    return tuple(result), withheld


def counted(before: int, now: int, bits: int, most: float) -> int | None:
    """How much was counted between two readings; None when no honest counter can have gone that way.

    A counter that went back has wrapped or was set to zero behind our back. It is a wrap only if it came from the
    upper half and the distance is one the port could have made.
    """
    difference = now - before
    if difference < 0:
        if not 2 ** (bits - 1) <= before < 2**bits or now < 0:
            return None
        difference += 2**bits
        if difference >= 2 ** (bits - 1):
            return None
    return difference if difference <= most else None


def _same_rows(before: RawTable, now: RawTable) -> tuple[list[int | None] | None, int]:
    """For each row of `now` its place in `before`, or None where it is another port or its counters were broken;
    None for the list when all rows stand where they stood."""
    if before.index == now.index and before.names == now.names and before.discontinuity == now.discontinuity:
        return None, 0
    places = {index: place for place, index in enumerate(before.index)}
    order: list[int | None] = []
    broken = 0
    for row, index in enumerate(now.index):
        place = places.get(index)
        if place is not None and (
            before.names[place] != now.names[row] or before.discontinuity[place] != now.discontinuity[row]
        ):
            place = None
            broken += 1
        order.append(place)
    return order, broken


def _filled(first: tuple[float | None, ...], second: tuple[float | None, ...]) -> tuple[float | None, ...]:
    return tuple([b if a is None else a for a, b in zip(first, second, strict=True)])
