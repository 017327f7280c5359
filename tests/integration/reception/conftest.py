"""A small inventory on loopback, and a journal in memory that counts as the ledger does."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory
from wardwatch.model.records import Batch, Event, Rejected

BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
DEADLINE_S = 15.0


def inventory() -> Inventory:
    credential = Credential("v3", "snmp-v3", None, "ward", "sha256", "secret://a", "aes128", "secret://p")
    devices = [
        Device(f"sw{n}", f"Switch {n}", DeviceRole.ACCESS_SWITCH, "city", "site", "wan", f"127.0.0.{n}", 161, "v3")
        for n in (1, 2)
    ]
    return Inventory(credentials={"v3": credential}, devices={device.id: device for device in devices})


class Journaled:
    """What became durable."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.drops: Counter[str] = Counter()

    async def put(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.drops.update(batch.drops)

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch.events]

    @property
    def rejected(self) -> list[Rejected]:
        return [each for batch in self.batches for each in batch.rejected]

    @property
    def read(self) -> int:
        return sum(sum(batch.read.values()) for batch in self.batches)

    async def until(self, events: int = 0, rejected: int = 0, drops: int = 0) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.events) < events or len(self.rejected) < rejected or self.drops.total() < drops:
                await asyncio.sleep(0.02)
        assert self.read == len(self.events) + len(self.rejected)

    async def run(self, command: Sequence[str]) -> int:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await asyncio.wait_for(process.wait(), DEADLINE_S)


@pytest.fixture
def journaled() -> Journaled:
    return Journaled()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
