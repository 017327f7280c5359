"""What a broken writer leaves in a log or a socket: refused with its reason, and the lines around it are not hurt."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.suricata.eve_gather import GatherLimits, LineGatherer
from collectors.suricata.eve_socket import EveSocket, EveSocketSettings
from collectors.suricata.ingest import IngestSettings, SuricataIngest
from collectors.suricata.mapper import EveMapper
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.model.records import Batch

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def record(number: int, at: str = "2026-01-01T00:00:00.000000+0000") -> bytes:
    return b'{"timestamp":"%s","event_type":"dns","flow_id":%d}' % (at.encode(), number)


FIRST, LAST = record(1), record(9)
REFUSED = {
    "truncated": (record(2)[:30], "the line is not JSON"),
    "one written into another": (record(2)[:30] + record(3) + record(2)[30:], "the line is not JSON"),
    "two without an end between": (record(2) + record(3), "the line is not JSON"),
    "only the end of one": (record(2)[30:], "the line is not JSON"),
    "10 MB": (b'{"a":"' + b"x" * 10_000_000 + b'"}', "more than 1048576 bytes"),
    "invalid UTF-8": (record(2).replace(b"dns", b"d\xffs"), "the line is not UTF-8"),
    "1970": (record(2, "1970-01-01T00:00:00.000000+0000"), "before 2000"),
    "2100": (record(2, "2100-01-01T00:00:00.000000+0000"), "more than a day ahead"),
    "depth 200": (record(2)[:-1] + b',"a":' + b"[" * 200 + b"]" * 200 + b"}", "levels deep"),
    "a hole": (b"\0" * 70_000 + record(2), "the line is not JSON"),
    "another program's": (b"Jan  2 03:04:05 sensor suricata[7]: <Notice> - started", "the line is not JSON"),
    "empty": (b"", "the line is empty"),
}
TAKEN = {
    "duplicate keys": record(2)[:-1] + b',"flow_id":3}',
    "numbers as strings": record(2)[:-1] + b',"src_port":"80","dest_port":[]}',
    "a DOS line end": record(2) + b"\r",
}


def through_a_file(folder: Path, content: bytes) -> list[Batch]:
    (folder / "eve.json").write_bytes(content)
    batches: list[Batch] = []

    async def sink(batch: Batch) -> None:
        batches.append(batch)

    tail = EveTail(TailSettings(folder))
    tail.open(())
    asyncio.run(SuricataIngest(IngestSettings(), tail, EveMapper(None, lambda: NOW), sink).drain())
    tail.close()
    return batches


def through_a_stream(folder: Path, content: bytes) -> list[Batch]:
    batches: list[Batch] = []

    async def put(batch: Batch) -> None:
        batches.append(batch)

    async def story() -> None:
        lines = LineGatherer(GatherLimits(), EveMapper(None, lambda: NOW), put, lambda: True, "run-1", "eve.sock")
        settings = EveSocketSettings(folder / "eve.sock", folder / "eve.dgram.sock")
        async with EveSocket(settings, lines) as door:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as writer:
                writer.connect(str(settings.stream))
                await asyncio.to_thread(writer.sendall, content)
            async with asyncio.timeout(20):
                while lines.lines < content.count(b"\n"):
                    await asyncio.sleep(0.005)
            assert door.turned_away == 0

    asyncio.run(story())
    return batches


Way = Callable[[Path, bytes], list[Batch]]
WAYS = [pytest.param(through_a_file, id="file"), pytest.param(through_a_stream, id="stream")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("line", "said"), REFUSED.values(), ids=REFUSED)
def test_a_bad_line_is_refused_and_its_neighbours_are_not(tmp_path: Path, way: Way, line: bytes, said: str) -> None:
    batches = way(tmp_path, b"\n".join((FIRST, line, LAST, b"")))
    assert [event.original.encode() for batch in batches for event in batch.events] == [FIRST, LAST]
    (refused,) = [each for batch in batches for each in batch.rejected]
    assert said in refused.reason
    assert refused.position.offset == len(FIRST) + 1
    assert sum(sum(batch.read.values()) for batch in batches) == 3


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("line", TAKEN.values(), ids=TAKEN)
def test_an_odd_line_is_kept_whole(tmp_path: Path, way: Way, line: bytes) -> None:
    batches = way(tmp_path, b"\n".join((FIRST, line, LAST, b"")))
    assert [event.original.encode() for batch in batches for event in batch.events] == [FIRST, line.strip(), LAST]
    assert not [each for batch in batches for each in batch.rejected]
