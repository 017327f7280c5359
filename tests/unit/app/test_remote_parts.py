"""What a remote edge keeps, follows and reports, against a core on a real socket."""

import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.suricata.sensor import SensorRules
from wardwatch.app.inventory import KeptInventory, first_inventory, unclaimed
from wardwatch.app.reporting import Reporter
from wardwatch.app.rules import RuleFollower
from wardwatch.model.access import Actor
from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Zone
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, SourceProgress
from wardwatch.settings import SensorSettings
from wardwatch.shipping import CoreConnection, Receiver
from wardwatch.shipping.answers import Desk
from wardwatch.shipping.messages import InventoryIs
from wardwatch.shipping.rules import RuleShelf

pytestmark = pytest.mark.anyio
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CITY = Inventory(
    zones={"dc": Zone("dc", "DC"), "gl": Zone("gl", "GL")},
    devices={
        zone: Device(zone, zone, DeviceRole.ROUTER, "u", "s", zone, f"10.0.0.{number}")
        for number, zone in enumerate(("dc", "gl"))
    },
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Stores:
    """A core that has an inventory and takes nothing."""

    def welcome(self, edge: str, epoch: str) -> tuple[int, list[SourceProgress]]:
        return 0, []

    def accept(self, batch: Batch) -> AppendResult:
        return AppendResult()

    def inventory(self) -> tuple[int, Inventory]:
        return 7, CITY

    def inventory_version(self) -> int:
        return 7

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        raise NotImplementedError

    def count(self, query: EventQuery, by: str) -> dict[str, int]:
        return {}


class OneEdge:
    """A register with one edge, for the zone `gl`."""

    def add(self, actor: Actor, name: str, zone: str) -> str:
        raise NotImplementedError

    def revoke(self, actor: Actor, name: str) -> None:
        raise NotImplementedError

    def listed(self) -> Sequence[Edge]:
        return [Edge("gialam", "gl", "", AT)]

    def claimed(self) -> tuple[str, ...]:
        return ("gl",)


@asynccontextmanager
async def core(folder: Path, heard: list[PartHealth]) -> AsyncIterator[CoreConnection]:
    desk = Desk(OneEdge(), RuleShelf(folder / "rules"), heard.extend, lambda: AT + timedelta(hours=1))
    async with Receiver(folder / "s", Stores(), desk):
        line = CoreConnection(folder / "s")
        yield line
        await line.close()


async def test_an_edge_sees_how_wrong_its_clock_is(tmp_path: Path) -> None:
    heard: list[PartHealth] = []
    part = PartHealth("collect", "journal", AT, PartState.RUNNING, AT, figures={"pending_batches": 3.0})
    async with core(tmp_path, heard) as line:
        reporter = Reporter(line, lambda: [part], lambda: AT)
        await reporter.once()
    assert reporter.clock_skew_s == 3600.0
    assert heard == [part]


async def test_the_local_collector_polls_what_nobody_claims(tmp_path: Path) -> None:
    async with core(tmp_path, []) as line:
        version, inventory = await first_inventory(line, unclaimed)
    assert (version, list(inventory.devices)) == (7, ["dc"])


async def test_an_edge_whose_line_is_cut_begins_with_what_it_kept(tmp_path: Path) -> None:
    kept = KeptInventory(tmp_path / "inventory.kept")
    async with core(tmp_path, []) as line:
        await first_inventory(line, kept=kept)
    assert await first_inventory(CoreConnection(tmp_path / "s"), kept=kept) == (7, CITY)
    assert stat.S_IMODE((tmp_path / "inventory.kept").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\0\0\0\1\xc0", b"not a frame at all"])
def test_a_damaged_inventory_is_none(tmp_path: Path, content: bytes) -> None:
    kept = KeptInventory(tmp_path / "inventory.kept")
    kept.save(InventoryIs(1, CITY))
    (tmp_path / "inventory.kept").write_bytes(content)
    assert kept.load() is None


async def test_rules_follow_those_of_the_core(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "rules", tmp_path / "sensor.rules"
    theirs.mkdir()
    (theirs / "b.rules").write_text("# second")
    (theirs / "a.rules").write_text("alert tcp any any -> any any (sid:1;)")
    sensor = SensorSettings(ours, tmp_path / "no.yaml", tmp_path / "no.socket", program="no-such-program")
    async with core(tmp_path, []) as line:
        follower = RuleFollower(line, SensorRules(sensor), lambda: AT)
        assert follower.health("gl") == []
        await follower.once()
        assert ours.read_text() == "alert tcp any any -> any any (sid:1;)\n# second"
        (health,) = follower.health("gl")
        assert (health.edge, health.part, health.state) == ("gl", "rules", PartState.RUNNING)
        assert "wait for Suricata" in health.detail.en
        before = ours.stat().st_ino
        await RuleFollower(line, SensorRules(sensor), lambda: AT).once()
        assert ours.stat().st_ino == before, "what is in place is not written again"
        (theirs / "a.rules").write_text("alert udp any any -> any any (sid:2;)")
        await follower.once()
        assert ours.read_text().startswith("alert udp")


async def test_rules_that_the_disk_refuses_are_shown_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.rules").write_text("alert tcp any any -> any any (sid:1;)")
    folder = tmp_path / "sensor"
    folder.write_text("a file where a folder is needed")
    sensor = SensorSettings(folder / "s.rules", tmp_path / "no.yaml", tmp_path / "no.socket", program="no-such-program")
    async with core(tmp_path, []) as line:
        follower = RuleFollower(line, SensorRules(sensor), lambda: AT)
        await follower.once()
        (health,) = follower.health("gl")
        assert health.state is PartState.FAILED
        assert "cannot be written" in health.detail.en
        folder.unlink()
        await follower.once()
        assert [each.state for each in follower.health("gl")] == [PartState.RUNNING]
