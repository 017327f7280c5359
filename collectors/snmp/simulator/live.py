"""A device as it is at a second: uptime, port states and counters, each in closed form from the time alone."""

from bisect import bisect_right
from dataclasses import dataclass

from collectors.snmp.simulator import ber
from collectors.snmp.simulator.fault_calendar import Window
from collectors.snmp.simulator.traffic import CURVES, EPOCH_S, Flow, fraction
from collectors.snmp.simulator.tree import Column, Late

_OUTBOUND = frozenset(
    {
        Column.OUT_OCTETS,
        Column.OUT_UNICAST,
        Column.OUT_MULTICAST,
        Column.OUT_BROADCAST,
        Column.OUT_DISCARDS,
        Column.OUT_ERRORS,
    }
)
_COUNTERS = _OUTBOUND | {
    Column.IN_OCTETS,
    Column.IN_UNICAST,
    Column.IN_MULTICAST,
    Column.IN_BROADCAST,
    Column.IN_DISCARDS,
    Column.IN_ERRORS,
}
# One multicast, broadcast or discarded packet in so many.
_ONE_IN = {
    Column.IN_MULTICAST: 180,
    Column.OUT_MULTICAST: 240,
    Column.IN_BROADCAST: 260,
    Column.OUT_BROADCAST: 310,
    Column.IN_DISCARDS: 2_000_000,
    Column.OUT_DISCARDS: 400_000,
}
_SETTLED_CS = 4_200
"""Ports come up within 42 s of a start."""


class Meter:
    """The octets of one direction of a port: its flow, without what would have passed while the port was down."""

    def __init__(self, flow: Flow | None, down: list[Window]) -> None:
        self._flow = flow
        self._starts = [start for start, _ in down]
        self._ends = [end for _, end in down]
        self._lost = [0.0]
        if flow is not None:
            for start, end in down:
                self._lost.append(self._lost[-1] + flow.octets(end) - flow.octets(start))

    def octets(self, second: float) -> float:
        """Octets since the epoch of flows; the same throughout a window in which the port is down."""
        if self._flow is None:
            return 0.0
        place = bisect_right(self._starts, second)
        if place and second < self._ends[place - 1]:
            return self._flow.octets(self._starts[place - 1]) - self._lost[place - 1]
        return self._flow.octets(second) - self._lost[place]


@dataclass(frozen=True, slots=True)
class LivePort:
    """What moves at a port. `packet_octets` is the mean size, `error_one_in` how rare errors are (0: none);
    `wrap` is (bits, second) of a scheduled wrap of its counters."""

    incoming: Meter
    outgoing: Meter
    down: list[Window]
    idle: bool
    packet_octets: int
    error_one_in: int
    wrap: tuple[int, int] | None = None


class LiveDevice:
    """What moves at a device. `first_boot_s` (Unix time, with a fraction) is when it started before all faults."""

    def __init__(self, name: str, first_boot_s: float, boots: int, off: list[Window], ports: list[LivePort]) -> None:
        self._name = name
        self._boots_before = boots
        self._starts = [first_boot_s, *(end + first_boot_s % 1 for _, end in off)]
        self.ports = ports
        self._second = -1
        self._boot_s = first_boot_s
        self._values: dict[Late, bytes] = {}
        self._octets: dict[tuple[int, bool], int] = {}

    def engine(self, second: int) -> tuple[int, int]:
        """snmpEngineBoots and snmpEngineTime."""
        place = max(bisect_right(self._starts, second), 1)
        return self._boots_before + place, max(int(second - self._starts[place - 1]), 0)

    def varbind(self, late: Late, second: int) -> bytes:
        """The varbind of an object as it is at a second. Values are kept until the second changes."""
        if second != self._second:
            self._second = second
            self._boot_s = self._starts[max(bisect_right(self._starts, second), 1) - 1]
            self._values.clear()
            self._octets.clear()
        found = self._values.get(late)
        if found is None:
            value = ber.encode_integer(self._value(late), late.tag)
            found = self._values[late] = ber.encode(ber.SEQUENCE, late.name + value)
        return found

    def _value(self, late: Late) -> int:
        column = late.column
        if column in _COUNTERS:
            bits = 64 if late.tag == ber.COUNTER64 else 32
            return self._counter(column, late.port) & ((1 << bits) - 1)
        if column is Column.UPTIME:
            return self._uptime_cs() & 0xFFFF_FFFF
        if column is Column.OPER_STATUS:
            port = self.ports[late.port]
            return 2 if port.idle or _within(port.down, self._second) else 1
        if column is Column.LAST_CHANGE:
            return self._last_change_cs(late.port) & 0xFFFF_FFFF
        load = CURVES["centre"].load(self._second - EPOCH_S)
        wobble = fraction(self._name, late.port, self._second // 60)
        return min(99, int(4 + 55 * load * (0.5 + wobble)))

    def _uptime_cs(self) -> int:
        return max(int((self._second - self._boot_s) * 100), 0)

    def _last_change_cs(self, row: int) -> int:
        """sysUpTime when the port last went up or down; 42 s after the start where it has not changed since."""
        edges = [edge for window in self.ports[row].down for edge in window if self._boot_s < edge <= self._second]
        return int((edges[-1] - self._boot_s) * 100) if edges else min(_SETTLED_CS, self._uptime_cs())

    def _counter(self, column: Column, row: int) -> int:
        port = self.ports[row]
        outbound = column in _OUTBOUND
        octets = self._octets.get((row, outbound))
        if octets is None:
            octets = self._octets[(row, outbound)] = self._octets_at(port, outbound, self._second)
        if column in (Column.IN_OCTETS, Column.OUT_OCTETS):
            return octets + self._wrap_offset(port, outbound)
        packets = octets // port.packet_octets
        if column in (Column.IN_UNICAST, Column.OUT_UNICAST):
            return packets
        if column in (Column.IN_ERRORS, Column.OUT_ERRORS):
            return packets // port.error_one_in if port.error_one_in else 0
        return packets // _ONE_IN[column]

    def _octets_at(self, port: LivePort, outbound: bool, second: int) -> int:
        meter = port.outgoing if outbound else port.incoming
        return max(int(meter.octets(second) - meter.octets(self._boot_s)), 0)

    def _wrap_offset(self, port: LivePort, outbound: bool) -> int:
        """What makes the counter pass 2^bits exactly at the second of a scheduled wrap, without a jump before it."""
        if port.wrap is None:
            return 0
        bits, second = port.wrap
        return -self._octets_at(port, outbound, second) % (1 << bits) if second > self._boot_s else 0


def _within(windows: list[Window], second: int) -> bool:
    return any(start <= second < end for start, end in windows)
