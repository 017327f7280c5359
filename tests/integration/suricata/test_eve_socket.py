"""The real Suricata writes into our sockets, offline from captures: what arrives is what it writes into a file."""

import asyncio
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from collectors.suricata.eve_gather import GatherLimits, LineGatherer
from collectors.suricata.eve_socket import EveSocket, EveSocketSettings
from collectors.suricata.mapper import EveMapper
from wardwatch.bench.captures import CONFIGURATION
from wardwatch.model.records import Batch
from wardwatch.model.time import utc_now
from wardwatch.shipping import Journal

NAMES = ("eve-flow-esp", "krb5-request-frag-log", "output-eve-ftp-data", "smb-dce_opnum")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Short enough for a socket's path."""
    made = tmp_path_factory.mktemp("s")
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("kind", ["unix_stream", "unix_dgram"])
def test_every_event_of_several_sensors_at_once_arrives_once(
    folder: Path, kind: str, captures: Path, verified_eve: dict[str, Path]
) -> None:
    journal = Journal(folder / "journal", "ingest")
    journal.open()
    where = EveSocketSettings(folder / "eve.sock", folder / "eve-dgram.sock")

    async def put(batch: Batch) -> None:
        await asyncio.to_thread(journal.append, batch)

    async def story() -> int:
        lines = LineGatherer(GatherLimits(), EveMapper(None, utc_now), put, lambda: True, "run", str(where.stream))
        async with EveSocket(where, lines):
            target = where.stream if kind == "unix_stream" else where.datagram
            await asyncio.gather(*(replayed(folder / name, captures / name, kind, target) for name in NAMES))
        assert lines.rejected == 0
        return lines.lines

    arrived = asyncio.run(story())
    events = [event for batch in batches(journal) for event in batch.events]
    assert len({event.position for event in events}) == len(events) == arrived
    written = [line for name in NAMES for line in verified_eve[name].read_text("utf-8").splitlines()]
    assert comparable(event.original for event in events) == comparable(written)
    assert len(written) > 100


def comparable(lines: Iterable[str]) -> Counter[tuple[object, ...]]:
    """What two runs over one capture agree on; flows get other ids, and end a little earlier or later."""
    records = [json.loads(line) for line in lines]
    return Counter(
        (eve["event_type"], eve.get("src_ip"), eve.get("dest_ip"), eve.get("alert", {}).get("signature_id"))
        for eve in records
    )


async def replayed(own: Path, capture: Path, kind: str, target: Path) -> None:
    """One Suricata reads one capture, and writes into the socket."""
    own.mkdir()
    configuration = own / "suricata.yaml"
    text = CONFIGURATION.read_text("utf-8")
    assert text.count("filetype: regular") == 1
    configuration.write_text(
        text.replace("filetype: regular", f"filetype: {kind}").replace("filename: eve.json", f"filename: {target}"),
        encoding="utf-8",
    )
    program = ("suricata", "-c", str(configuration), "-S", str(capture / "test.rules"), "-k", "none")
    process = await asyncio.create_subprocess_exec(
        *(*program, "--runmode", "single", "-l", str(own), "-r", str(capture / "input.pcap")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, said.decode()[-500:]
    assert b"events were dropped" not in said, said.decode()[-500:]


def batches(journal: Journal) -> Iterator[Batch]:
    for sequence in itertools.count(1):
        batch = journal.oldest()
        if batch is None:
            return
        yield batch
        journal.acknowledge(sequence)
