"""What the fault schedule means at an instant: who is silent, who is slow, which ports are down, who has restarted."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from collectors.snmp.simulator.cabling import Cabling, uplinks
from collectors.snmp.simulator.faults import POWER_OFF, Fault, FaultKind, FaultSchedule

Window = tuple[int, int]
"""[start, end) in whole Unix seconds."""

DEFAULT_DELAY_S = 2.0


@dataclass(frozen=True, slots=True)
class FaultState:
    """What is wrong now, by device."""

    silent: frozenset[str] = frozenset()
    delay_s: dict[str, float] = field(default_factory=dict)
    walks: dict[str, FaultKind] = field(default_factory=dict)
    malformed: frozenset[str] = frozenset()


class FaultCalendar:
    """A schedule laid over the city's cabling. Every answer depends on the schedule and the second alone."""

    def __init__(self, schedule: FaultSchedule, cabling: Cabling) -> None:
        self._faults = sorted(schedule.faults, key=lambda fault: fault.start)
        self._cabling = cabling
        self._off: dict[str, list[Window]] = defaultdict(list)
        self._cut: dict[str, list[Window]] = defaultdict(list)
        self._bare: dict[tuple[str, int], list[Window]] = defaultdict(list)
        for fault in self._faults:
            self._lay(fault)
        self._changes = sorted({second for fault in self._faults for second in _window(fault)})
        self._baseline = cabling.reachable(lambda _: False, lambda _: False)
        self._states: dict[int, FaultState] = {}
        self._silences: dict[frozenset[str], frozenset[str]] = {}

    def at(self, second: int) -> FaultState:
        """The state at a second; it changes only where a fault starts or ends, so it is worked out once between."""
        place = bisect_right(self._changes, second)
        state = self._states.get(place)
        if state is None:
            # Time moves forward: states of the past are not asked for again.
            self._states.clear()
            state = self._states[place] = self._work_out(second)
        return state

    def off(self, device: str) -> list[Window]:
        """When a device has no power; it has restarted at the end of each window."""
        return merged(self._off.get(device, []))

    def down(self, device: str, row: int) -> list[Window]:
        """When a port has no link: its link is cut, or the device at the other end is off."""
        windows = list(self._bare.get((device, row), ()))
        socket = self._cabling.sockets[device][row]
        if socket.link is not None and socket.peer is not None:
            windows += self._cut.get(socket.link.id, [])
            windows += self._off.get(socket.peer, [])
        return merged(windows)

    def wrap(self, device: str, port: str) -> tuple[int, int] | None:
        """Bits of the counters that wrap and the second when they do: the first such fault of a port counts."""
        for fault in self._faults:
            if fault.kind is FaultKind.COUNTER_WRAP and fault.device == device and fault.port in (None, port):
                return (64 if fault.value == 64 else 32), _window(fault)[0]
        return None

    def _lay(self, fault: Fault) -> None:
        window = _window(fault)
        if fault.kind in POWER_OFF:
            self._off[fault.device].append(window)
        if fault.kind is not FaultKind.LINK_DOWN:
            return
        sockets = self._cabling.sockets[fault.device]
        row = self._cabling.port(fault.device, fault.port) if fault.port else next(iter(uplinks(sockets)), 0)
        link = sockets[row].link if row is not None else None
        if link is not None:
            self._cut[link.id].append(window)
        elif row is not None:
            self._bare[(fault.device, row)].append(window)

    def _work_out(self, second: int) -> FaultState:
        active = [fault for fault in self._faults if _window(fault)[0] <= second < _window(fault)[1]]
        mute = {fault.device for fault in active if fault.kind is FaultKind.MUTE}
        return FaultState(
            silent=self._silent(second) | mute,
            delay_s={fault.device: fault.value or DEFAULT_DELAY_S for fault in active if fault.kind is FaultKind.SLOW},
            walks={
                fault.device: fault.kind
                for fault in active
                if fault.kind in (FaultKind.ENDLESS_WALK, FaultKind.REPEATING_WALK)
            },
            malformed=frozenset(fault.device for fault in active if fault.kind is FaultKind.MALFORMED),
        )

    def _silent(self, second: int) -> frozenset[str]:
        """The devices that are off, and those whose every way to the core is cut by that or by links that are down."""
        off = {device for device, windows in self._off.items() if _within(windows, second)}
        cut = {link for link, windows in self._cut.items() if _within(windows, second)}
        key = frozenset(off) | {f"link {link}" for link in cut}
        if key not in self._silences:
            reached = self._cabling.reachable(off.__contains__, lambda link: link.id in cut) if key else self._baseline
            if len(self._silences) >= 256:
                self._silences.clear()
            self._silences[key] = frozenset(off | (self._baseline - reached))
        return self._silences[key]


def merged(windows: list[Window]) -> list[Window]:
    """The same time as windows in order that do not touch."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _window(fault: Fault) -> Window:
    return int(fault.start.timestamp()), int(fault.end.timestamp())


def _within(windows: list[Window], second: int) -> bool:
    return any(start <= second < end for start, end in windows)
