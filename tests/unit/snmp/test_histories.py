"""Whatever happens to an agent between two rounds, a rate is the true one or none: no spike, no false reboot."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp.rates import UPTIME_MODULUS, RawColumn, RawTable, rates, restarted

GIGABIT_OCTETS = 125_000_000
SOURCES = {"in_octets": ("octets",)}


@dataclass(frozen=True, slots=True)
class Port:
    """A port as it truly is: `name` at `index`, how much it ever counted, and since when."""

    index: str
    name: str
    counted: int
    broken_at: int = 0


@dataclass(frozen=True, slots=True)
class Truth:
    """An agent as it truly is at one moment."""

    at: float
    up_ticks: int
    ports: tuple[Port, ...]

    def seen(self, bits: int) -> RawTable:
        """What a round reads of it."""
        return RawTable(
            self.at,
            self.up_ticks % UPTIME_MODULUS,
            tuple(port.index for port in self.ports),
            tuple(port.name for port in self.ports),
            tuple(port.broken_at for port in self.ports),
            {"octets": RawColumn(self.at, bits, tuple(port.counted % 2**bits for port in self.ports))},
        )


EVENTS = st.sampled_from(["none", "restart", "renumber", "swap", "break", "uptime-wrap"])
STARTS = st.integers(min_value=0, max_value=2**64 - 1)


@given(
    start=st.lists(STARTS, min_size=1, max_size=4),
    loads=st.lists(st.floats(min_value=0, max_value=1), min_size=4, max_size=4),
    seconds=st.floats(min_value=5, max_value=300),
    up_s=st.integers(min_value=400, max_value=60_000_000),
    event=EVENTS,
    bits=st.sampled_from([32, 64]),
)
def test_a_rate_is_the_true_one_or_none(
    start: list[int], loads: list[float], seconds: float, up_s: int, event: str, bits: int
) -> None:
    # A 32-bit counter of a gigabit port wraps in 34 s: what it carried meanwhile nobody can know. Half a turn is safe.
    most = GIGABIT_OCTETS * seconds if bits == 64 else min(GIGABIT_OCTETS * seconds, 2**31 - 1)
    ports = tuple(Port(str(n + 1), f"ge{n}", counted) for n, counted in enumerate(start))
    up_ticks = UPTIME_MODULUS - 100 if event == "uptime-wrap" else up_s * 100
    before = Truth(1000.0, up_ticks, ports)
    moved = tuple(replace(p, counted=p.counted + int(most * load)) for p, load in zip(ports, loads, strict=False))
    true = {port.name: (new.counted - port.counted) / seconds for port, new in zip(ports, moved, strict=True)}
    now = Truth(1000.0 + seconds, up_ticks + round(seconds * 100), moved)
    if event == "restart":
        now = replace(now, up_ticks=200, ports=tuple(replace(p, counted=int(most * 0.01)) for p in ports))
    elif event == "renumber":
        now = replace(now, ports=tuple(replace(p, index=str(n + 2)) for n, p in enumerate(moved)))
    elif event == "swap":
        now = replace(now, ports=tuple(replace(p, index=ports[-1 - n].index) for n, p in enumerate(moved)))
    elif event == "break":
        now = replace(now, ports=tuple(replace(p, counted=0, broken_at=5) for p in moved))
    most_bps = [GIGABIT_OCTETS * 8 * 1.05] * len(ports)
    found = rates(before.seen(bits), now.seen(bits), SOURCES, most_bps, 900.0)
    assert found.restarted is (event == "restart")
    assert restarted(before.seen(bits).uptime_ticks, now.seen(bits).uptime_ticks, seconds) is (event == "restart")
    for port, rate in zip(now.ports, found.columns["in_octets"], strict=True):
        if rate is not None:
            assert event in {"none", "uptime-wrap", "renumber", "swap"}
            assert abs(rate - true[port.name]) <= 1e-6 * max(1.0, true[port.name])
    if event in {"none", "uptime-wrap"} and bits == 64:
        assert all(rate is not None for rate in found.columns["in_octets"]), "wraps are no reason to say nothing"
