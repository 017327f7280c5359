"""What a city sends its core all day, at a steady rate, over the core's own socket: events and polled samples.

Each kind is a process of its own, as ingest and collect are.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectors.suricata.generation import Line, ReadLimits
from collectors.suricata.mapper import EveMapper
from wardwatch.bench.real_lines import lines_for
from wardwatch.errors import EngineFault
from wardwatch.garbage import look_seldom
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.inventory import Device
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import Batch, Outcome, PollOutcome, Position, SampleBlock
from wardwatch.model.tallies import polled
from wardwatch.model.time import utc_now
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.shippers import DirectShipper

_TICK_S = 0.2
_PATIENCE_S = 60.0
_AT_ONCE = ReadLimits().lines
_STAMP = slice(len(b'{"timestamp":"'), len(b'{"timestamp":"2026-01-01T00:00:00.000000'))
_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """So much for so long. A round is one poll of each device with `ports` interfaces, spread over `round_s`."""

    socket: Path
    seconds: float
    seed: int
    events_per_s: int = 10_000
    ports: int = 48
    round_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Shipped:
    """What was durable in the core, and in which time."""

    records: int
    seconds: float

    @property
    def per_s(self) -> int:
        return round(self.records / self.seconds) if self.seconds else 0


def ship_events(load: Load) -> Shipped:
    """Real lines, or generated ones, as of now."""
    look_seldom()
    lines = lines_for(_LINES, load.seed)[1]
    return asyncio.run(_ship_events(load, lines))


def ship_samples(load: Load, devices: Sequence[Device]) -> Shipped:
    """The rounds of these devices; counts the samples of interfaces and of the devices themselves."""
    look_seldom()
    return asyncio.run(_ship_samples(load, devices))


async def _ship_events(load: Load, lines: Sequence[bytes]) -> Shipped:
    connection = CoreConnection(load.socket)
    mapper = EveMapper(Addresses((await connection.inventory()).inventory).locate, utc_now)
    shipper = DirectShipper(connection, "bench-ingest")
    source = f"bench-{load.seed}"

    def batch(first: int, last: int) -> Batch:
        stamp = utc_now().strftime("%Y-%m-%dT%H:%M:%S.%f").encode()
        chosen = [lines[number % len(lines)] for number in range(first, last)]
        moved = [line[: _STAMP.start] + stamp + line[_STAMP.stop :] for line in chosen]
        found = [Line(Position(source, number), line) for number, line in enumerate(moved, start=first)]
        events, rejected = mapper.map(found)
        return Batch("", "", 0, events=tuple(events), rejected=tuple(rejected), read={source: len(found)})

    try:
        return await _steadily(load, load.events_per_s, batch, shipper)
    finally:
        await connection.close()


async def _ship_samples(load: Load, devices: Sequence[Device]) -> Shipped:
    connection = CoreConnection(load.socket)
    shipper = DirectShipper(connection, "bench-collect")
    chance = random.Random(load.seed)

    def batch(first: int, last: int) -> Batch:
        now = utc_now()
        polled_now = [devices[number % len(devices)] for number in range(first, last)]
        blocks = tuple(
            SampleBlock(name, device.id, device.unit, now, index, _values(name, len(index), chance))
            for device in polled_now
            for name, index in (("interface", _ports(load.ports)), ("device", ("",)))
        )
        outcomes = tuple(PollOutcome(device.id, device.unit, now, Outcome.OK, 40.0, 600) for device in polled_now)
        read = polled(Batch("", "", 0, blocks=blocks, outcomes=outcomes))
        return Batch("", "", 0, blocks=blocks, outcomes=outcomes, read=read)

    try:
        return await _steadily(load, len(devices) / load.round_s, batch, shipper)
    finally:
        await connection.close()


def _ports(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, count + 1))


def _values(measurement: str, rows: int, chance: random.Random) -> dict[str, tuple[float | None, ...]]:
    """Numbers that differ, as traffic does; whatever says up or down is up."""
    up = {"oper", "admin", "up"}
    return {
        column: tuple(1.0 if column in up else chance.random() * 1e6 for _ in range(rows))
        for column in MEASUREMENTS[measurement].columns
    }


async def _steadily(load: Load, per_s: float, batch: Callable[[int, int], Batch], shipper: DirectShipper) -> Shipped:
    """Ships what is due every tick, and makes the next batch meanwhile; what the core is behind with is shipped in
    larger batches, of at most a second and of no more than ingest reads at once.

    Raises `EngineFault` when the core does not take what is shipped: edges would wait for it for ever.
    """
    try:
        async with asyncio.timeout(load.seconds + _PATIENCE_S):
            return await _ticking(load, per_s, batch, shipper)
    except TimeoutError:
        raise EngineFault("the core of the benchmark takes no batches any more", "see what it logged") from None


async def _ticking(load: Load, per_s: float, batch: Callable[[int, int], Batch], shipper: DirectShipper) -> Shipped:
    began = time.monotonic()
    done = shipped = 0
    under_way: asyncio.Task[object] | None = None
    while (elapsed := time.monotonic() - began) < load.seconds:
        due = min(int(elapsed * per_s), done + max(1, min(int(per_s), _AT_ONCE)))
        if due > done:
            made = await asyncio.to_thread(batch, done, due)
            if under_way is not None:
                await under_way
            under_way = asyncio.create_task(shipper.ship(made))
            shipped += len(made.events) + len(made.rejected) + sum(len(block.index) for block in made.blocks)
            done = due
        await asyncio.sleep(max(0.0, _TICK_S - (time.monotonic() - began - elapsed)))
    if under_way is not None:
        await under_way
    return Shipped(shipped, time.monotonic() - began)
