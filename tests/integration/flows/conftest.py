"""A small city whose devices export flows, on loopback."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from collectors.flows.listener import FlowListener, FlowSettings
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Service, Site, Unit
from wardwatch.model.records import Batch
from wardwatch.model.time import utc_now
from wardwatch.settings import Listen

WARD, CENTRE = "127.70.0.1", "127.70.0.2"


def device(name: str, unit: str, address: str) -> Device:
    return Device(name, name, DeviceRole.ROUTER, unit, f"{unit}-site", "wan", address)


@pytest.fixture(scope="session")
def city() -> Inventory:
    units = [
        Unit("city", "Thành phố", "city", "1", networks=("10.0.0.0/16",)),
        Unit("w1", "Phường 1", "ward", "11", "city", networks=("10.1.0.0/16", "2001:db8:1::/48")),
        Unit("w2", "Phường 2", "ward", "12", "city", networks=("10.2.0.0/16",)),
    ]
    devices = [device("r1", "w1", WARD), device("core", "city", CENTRE)]
    devices += [device(f"e{number}", "w1", f"127.70.1.{number}") for number in range(1, 6)]
    land = Service("land", "Đất đai", "core-database", "city", addresses=("10.0.0.9",))
    return Inventory(
        units={unit.id: unit for unit in units},
        sites={f"{unit.id}-site": Site(f"{unit.id}-site", unit.name, unit.id) for unit in units},
        devices={each.id: each for each in devices},
        services={land.id: land},
    )


class Received:
    """What a listener shipped."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    async def put(self, batch: Batch) -> None:
        self.batches.append(batch)

    def sums(self, measurement: str, column: str = "bytes") -> dict[str, float]:
        found: dict[str, float] = {}
        for batch in self.batches:
            for block in batch.blocks:
                if block.measurement == measurement:
                    for index, value in zip(block.index, block.columns[column], strict=True):
                        found[index] = found.get(index, 0.0) + (value or 0.0)
        return found

    def out_of(self, measurement: str) -> dict[str, tuple[float, float]]:
        """Bytes and packets that left any unit, by exporter."""
        found: dict[str, tuple[float, float]] = {}
        for block in (block for batch in self.batches for block in batch.blocks if block.measurement == measurement):
            for index, octets, packets in zip(block.index, *block.columns.values(), strict=True):
                if index.startswith("out "):
                    before = found.get(block.device, (0.0, 0.0))
                    found[block.device] = before[0] + (octets or 0.0), before[1] + (packets or 0.0)
        return found

    def drops(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for batch in self.batches:
            for reason, count in batch.drops.items():
                found[reason] = found.get(reason, 0) + count
        return found


@pytest.fixture
def received() -> Received:
    return Received()


Listening = Any


@pytest.fixture
def listening(city: Inventory, received: Received) -> Listening:
    """Makes a listener on a port of its own, with the real decoders."""
    if shutil.which("nfacctd", path="/usr/sbin:/usr/bin") is None:
        pytest.skip("pmacct is not installed here")

    @asynccontextmanager
    async def make(**changes: Any) -> AsyncIterator[FlowListener]:
        settings = FlowSettings((Listen("127.0.0.1", 0),), refresh_s=1, **changes)
        now = utc_now()
        async with FlowListener(settings, city, received.put, lambda: True, utc_now, now, "receive") as listener:
            yield listener

    def open_(**changes: Any) -> AbstractAsyncContextManager[FlowListener]:
        return make(**changes)

    return open_
