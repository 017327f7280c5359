"""Edges and the core over a real Unix socket, hostile bytes included."""

import asyncio
import stat
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory, Unit
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, Outcome, PollOutcome, Position, SourceProgress
from wardwatch.model.time import TimeRange
from wardwatch.shipping import CoreConnection, DirectShipper, Journal, JournalShipper, Receiver
from wardwatch.shipping.shippers import Backoff

pytestmark = pytest.mark.anyio
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CITY = Inventory(units={"hn": Unit("hn", "Thành phố", "city", "H26", tile=(1, 2), networks=("10.0.0.0/8",))})
SOON = Backoff(0.01, 0.02)


class Ledger:
    """A core that commits sequences in memory and refuses gaps, and can be told to fail."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.faults: list[Exception] = []

    def welcome(self, edge: str, epoch: str) -> tuple[int, list[SourceProgress]]:
        return self._committed(edge, epoch), [SourceProgress("s1", 42, "/eve.json", "f")]

    def accept(self, batch: Batch) -> AppendResult:
        if self.faults:
            raise self.faults.pop(0)
        if batch.sequence <= self._committed(batch.edge, batch.epoch):
            return AppendResult(already_committed=True)
        if batch.sequence > self._committed(batch.edge, batch.epoch) + 1:
            raise TransportFault("a gap")
        self.batches.append(batch)
        return AppendResult(stored_samples=len(batch.outcomes))

    def inventory(self) -> tuple[int, Inventory]:
        return 7, CITY

    def inventory_version(self) -> int:
        return 7

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        raise UserError(f"{actor.name} may not", "ask an administrator")

    def count(self, query: EventQuery, by: str) -> dict[str, int]:
        return {by: query.limit}

    def _committed(self, edge: str, epoch: str) -> int:
        return sum(1 for batch in self.batches if (batch.edge, batch.epoch) == (edge, epoch))


def outcome() -> PollOutcome:
    return PollOutcome("d1", "u1", AT, Outcome.OK, 12.5, 40)


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_questions_and_answers_keep_their_types(tmp_path: Path) -> None:
    async with Receiver(tmp_path / "s", Ledger()):
        line = CoreConnection(tmp_path / "s")
        assert (await line.inventory()).inventory == CITY
        query = EventQuery(TimeRange(AT, AT), limit=3)
        assert await line.count(query, "event.dataset") == {"event.dataset": 3}
        with pytest.raises(UserError, match="ask an administrator"):
            await line.replace_inventory(Actor("lan"), CITY)
        await line.close()


async def test_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    async with Receiver(tmp_path / "s", Ledger()):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    assert not (tmp_path / "s").exists()


async def test_a_journal_ships_what_was_kept_while_the_core_was_away(tmp_path: Path) -> None:
    journal, ledger = Journal(tmp_path / "journal", "collect"), Ledger()
    journal.open()
    async with JournalShipper(CoreConnection(tmp_path / "s"), journal, "collect", SOON) as shipper:
        for _ in range(3):
            await shipper.put(Batch("", "", 0, outcomes=(outcome(),)))
        await until(lambda: shipper.failures > 0)
        async with Receiver(tmp_path / "s", ledger):
            assert await shipper.drain(10)
    assert [batch.sequence for batch in ledger.batches] == [1, 2, 3]
    assert ledger.batches[0].outcomes == (outcome(),)


async def test_a_store_that_is_full_for_a_while_loses_nothing(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.faults = [StoreFault("the disk is full"), StoreFault("the disk is full")]
    async with Receiver(tmp_path / "s", ledger):
        shipper = DirectShipper(CoreConnection(tmp_path / "s"), "ingest", SOON)
        assert [source.offset for source in await shipper.sources()] == [42]
        await shipper.ship(Batch("", "", 0, outcomes=(outcome(),)))
        await shipper.ship(Batch("", "", 0, progress=(SourceProgress("s1", 50, "/eve.json", "f"),)))
    assert [batch.sequence for batch in ledger.batches] == [1, 2]
    assert ledger.batches[1].progress[0].offset == 50


@pytest.mark.parametrize("fault", [UserError("such a batch is never taken"), ValueError("a defect of ours")])
async def test_a_batch_that_is_refused_for_good_lets_the_next_pass(tmp_path: Path, fault: Exception) -> None:
    journal, ledger = Journal(tmp_path / "journal", "collect"), Ledger()
    journal.open()
    ledger.faults = [fault]
    async with (
        Receiver(tmp_path / "s", ledger),
        JournalShipper(CoreConnection(tmp_path / "s"), journal, "collect", SOON) as shipper,
    ):
        for _ in range(2):
            await shipper.put(Batch("", "", 0, outcomes=(outcome(),)))
        assert await shipper.drain(5)
    assert [len(batch.outcomes) for batch in ledger.batches] == [0, 1]
    assert ledger.batches[0].drops == {"outcome": 1, "refused_batch": 1}
    assert journal.refused == 1
    assert len(list((tmp_path / "journal").glob("*.refused"))) == 1


async def test_events_that_are_refused_for_good_are_shipped_as_refused_lines(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.faults = [ValueError("a defect of ours")]
    event = event_of(
        Position("s1", 0), AT, ("u1",), {"event": {"kind": "event", "dataset": "suricata.flow"}}, "the line"
    )
    async with Receiver(tmp_path / "s", ledger):
        shipper = DirectShipper(CoreConnection(tmp_path / "s"), "ingest", SOON)
        await shipper.ship(Batch("", "", 0, events=(event,), progress=(SourceProgress("s1", 9, "/eve.json", "f"),)))
        await shipper.ship(Batch("", "", 0, progress=(SourceProgress("s1", 10, "/eve.json", "f"),)))
    assert [batch.sequence for batch in ledger.batches] == [1, 2]
    assert [(line.position, line.original) for line in ledger.batches[0].rejected] == [(event.position, "the line")]
    assert ledger.batches[0].progress[0].offset == 9


async def test_a_core_restored_from_an_older_backup_gets_what_waits(tmp_path: Path) -> None:
    journal, restored = Journal(tmp_path / "journal", "collect"), Ledger()
    journal.open()
    line = CoreConnection(tmp_path / "s")
    async with JournalShipper(line, journal, "collect", SOON) as shipper:
        async with Receiver(tmp_path / "s", Ledger()):
            for _ in range(2):
                await shipper.put(Batch("", "", 0, outcomes=(outcome(),)))
            assert await shipper.drain(5)
        await line.close()
        for _ in range(2):
            await shipper.put(Batch("", "", 0, outcomes=(outcome(),)))
        async with Receiver(tmp_path / "s", restored):
            assert await shipper.drain(5)
            again = Journal(tmp_path / "journal", "collect")
            again.open()
            again.append(Batch("", "", 0))
            oldest = again.oldest()
            assert oldest is not None
            assert (oldest.epoch, oldest.sequence) == (journal.epoch, 3)
    assert [batch.sequence for batch in restored.batches] == [1, 2]
    assert {batch.epoch for batch in restored.batches} == {journal.epoch}


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">I", 1 << 31),
        struct.pack(">I", 3) + b"\xc1\xc1\xc1",
        struct.pack(">I", 100) + b"short",
        b"\x00",
        struct.pack(">I", 4000) + b"\x91" * 4000,
    ],
    ids=["lying length", "not messagepack", "cut frame", "cut length", "depth"],
)
async def test_hostile_bytes_end_their_connection_only(tmp_path: Path, sent: bytes) -> None:
    async with Receiver(tmp_path / "s", Ledger()) as receiver:
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        writer.write(sent)
        writer.write_eof()
        await reader.read()
        writer.close()
        await until(lambda: receiver.broken_connections == 1)
        assert (await CoreConnection(tmp_path / "s").inventory()).version == 7


async def test_no_core_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TransportFault, match="does not answer"):
        await CoreConnection(tmp_path / "s").inventory()
