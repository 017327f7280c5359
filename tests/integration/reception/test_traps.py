"""Net-SNMP sends; the receiver's listener takes it into a journal."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from collectors.reception.listener import Listener
from collectors.traps.listener import TrapSettings, trap_listener
from tests.integration.reception.conftest import BEGAN, Journaled, inventory
from wardwatch.model.time import utc_now
from wardwatch.settings import Listen

pytestmark = pytest.mark.anyio
USER = ("-v3", "-u", "ward", "-l", "authPriv", "-a", "SHA-256", "-x", "AES")
KEYS = ("-A", "authpass12", "-X", "privpass12")
LINK_DOWN = ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.3", "i", "3")
WORDS = {"secret://a": "authpass12", "secret://p": "privpass12", "secret://c": "public"}


class Receiver:
    def __init__(self, listener: Listener, journaled: Journaled) -> None:
        self.listener = listener
        self.journaled = journaled

    async def send(self, program: str, *words: str, source: str = "127.0.0.1") -> int:
        """Net-SNMP's exit code; 0 of an inform means that it was answered."""
        port = self.listener.ways[0].port
        target = f"127.0.0.1:{port}"
        split = next((n for n, word in enumerate(words) if word == "--"), len(words))
        command = [program, "-r", "0", "-t", "5", "--clientaddr=" + source, *words[:split], target, *words[split + 1 :]]
        return await self.journaled.run(command)

    def actions(self) -> list[str]:
        return [orjson.loads(event.document)["event"]["action"] for event in self.journaled.events]


@pytest.fixture
async def receiver(tmp_path: Path, journaled: Journaled) -> AsyncIterator[Receiver]:
    settings = TrapSettings((Listen("127.0.0.1", 0),), tmp_path / "snmp.engine", tmp_path / "mibs.json")
    listener = trap_listener(
        settings, inventory(), journaled.put, lambda: True, WORDS.__getitem__, utc_now, BEGAN, "receive"
    )
    async with listener:
        yield Receiver(listener, journaled)


async def test_traps_of_every_version(receiver: Receiver) -> None:
    assert await receiver.send("snmptrap", "-v2c", "-c", "public", "--", "", *LINK_DOWN) == 0
    v1 = ("-v1", "-c", "public", "--", "1.3.6.1.4.1.318", "10.1.1.1", "6", "5", "")
    assert await receiver.send("snmptrap", *v1) == 0
    for engine in ("0x8000000001020304", "0x8000000001020305", "0x8000000001020304"):
        assert await receiver.send("snmptrap", *USER, *KEYS, "-e", engine, "--", "", "1.3.6.1.6.3.1.1.5.5") == 0
    await receiver.journaled.until(5)
    assert receiver.actions() == ["linkDown", "upsOnBattery", *["authenticationFailure"] * 3]
    assert receiver.listener.health()[0].figures["v3_engines"] == 2


async def test_informs_are_answered_when_they_are_in_the_journal(receiver: Receiver) -> None:
    assert await receiver.send("snmpinform", "-v2c", "-c", "public", "--", "", *LINK_DOWN) == 0
    assert await receiver.send("snmpinform", *USER, *KEYS, "--", "", "1.3.6.1.6.3.1.1.5.1") == 0
    assert receiver.actions() == ["linkDown", "coldStart"]


async def test_what_does_not_verify_is_refused_and_teaches_nothing(receiver: Receiver) -> None:
    wrong = ("-A", "wrongpass12", "-X", "privpass12")
    trap = ("--", "", "1.3.6.1.6.3.1.1.5.1")
    assert await receiver.send("snmpinform", *USER, *wrong, *trap) == 1
    await receiver.send("snmptrap", *USER, *wrong, "-e", "0x8000000001020304", *trap)
    level = ("-v3", "-u", "ward", "-e", "0x8000000001020304")
    await receiver.send("snmptrap", *level, "-l", "noAuthNoPriv", *trap)
    await receiver.send("snmptrap", *level, "-l", "authNoPriv", "-a", "SHA-256", "-A", "authpass12", *trap)
    await receiver.send("snmptrap", "-v3", "-u", "nobody", "-l", "noAuthNoPriv", "-e", "0x8000000001020304", *trap)
    await receiver.journaled.until(rejected=5)
    assert receiver.actions() == []
    assert receiver.listener.health()[0].figures["v3_engines"] == 0
    assert await receiver.send("snmptrap", *USER, *KEYS, "-e", "0x8000000001020304", *trap) == 0
    await receiver.journaled.until(1)


async def test_strangers_are_counted_by_their_address(receiver: Receiver) -> None:
    await receiver.send("snmptrap", "-v2c", "-c", "public", "--", "", *LINK_DOWN, source="127.0.0.9")
    await receiver.journaled.until(drops=1)
    assert receiver.journaled.drops == {"traps_stranger@127.0.0.9": 1}
    assert receiver.journaled.events == []


async def test_the_engine_keeps_its_id_over_a_restart(receiver: Receiver, tmp_path: Path) -> None:
    kept = (tmp_path / "snmp.engine").read_text()
    settings = TrapSettings((), tmp_path / "snmp.engine", tmp_path / "mibs.json")
    trap_listener(settings, inventory(), receiver.journaled.put, lambda: True, WORDS.__getitem__, utc_now, BEGAN, "r")
    engine, boots = (tmp_path / "snmp.engine").read_text().split()
    assert (engine, int(boots)) == (kept.split()[0], int(kept.split()[1]) + 1)
