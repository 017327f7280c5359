"""The client the poller uses, against the simulator."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from gufo.snmp import Aes128Key, Sha256Key, SnmpDecodeError, SnmpVersion, User
from gufo.snmp.sync import SnmpSession

from collectors.snmp.simulator.faults import Fault, FaultKind, FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now

Serve = Callable[..., AbstractContextManager[Simulator]]
NAME = "1.3.6.1.2.1.1.5.0"


def v2c(inventory: Inventory, device: str, timeout_s: float = 3.0) -> SnmpSession:
    found = inventory.devices[device]
    return SnmpSession(
        found.address, port=found.snmp_port, community="city", version=SnmpVersion.v2c, timeout=timeout_s
    )


def test_v2c_bulk_reads_both_sides_of_a_link_alike(inventory: Inventory, serving: Serve) -> None:
    with serving(inventory), v2c(inventory, "CORE") as core, v2c(inventory, "SRV") as server:
        names = {value: oid.rsplit(".", 1)[1] for oid, value in server.getbulk("1.3.6.1.2.1.31.1.1.1.18")}
        row = names[b"to CORE"]
        upper = {value: oid.rsplit(".", 1)[1] for oid, value in core.getbulk("1.3.6.1.2.1.31.1.1.1.18")}[b"to SRV"]
        speeds = core.get(f"1.3.6.1.2.1.31.1.1.1.15.{upper}"), server.get(f"1.3.6.1.2.1.31.1.1.1.15.{row}")
        assert speeds[0] == speeds[1]
        octets = server.get(f"1.3.6.1.2.1.31.1.1.1.6.{row}")
        assert isinstance(octets, int)
        assert octets > 0


def test_v3_auth_priv_reads_the_system_group(inventory: Inventory, serving: Serve) -> None:
    found = inventory.devices["WARD-RT"]
    user = User("noc", auth_key=Sha256Key(b"authpassword"), priv_key=Aes128Key(b"privpassword"))
    with (
        serving(inventory),
        SnmpSession(found.address, port=found.snmp_port, user=user, version=SnmpVersion.v3, timeout=3.0) as session,
    ):
        assert session.get(NAME) == b"WARD-RT"
        assert len(list(session.getbulk("1.3.6.1.2.1.2.2.1.1"))) == 4


def test_a_slow_agent_answers_late_and_holds_nobody_else_up(inventory: Inventory, serving: Serve) -> None:
    now = utc_now()
    fault = Fault(FaultKind.SLOW, "SRV", None, now - timedelta(minutes=1), now + timedelta(hours=1), 0.4)
    with serving(inventory, FaultSchedule((fault,))), v2c(inventory, "SRV") as slow, v2c(inventory, "CORE") as quick:
        begun = time.monotonic()
        assert slow.get(NAME) == b"SRV"
        assert time.monotonic() - begun >= 0.4
        with v2c(inventory, "SRV", timeout_s=0.05) as impatient, pytest.raises(TimeoutError):
            impatient.get(NAME)
        assert quick.get(NAME) == b"CORE"


def test_a_malformed_reply_is_never_taken_for_an_answer(inventory: Inventory, serving: Serve) -> None:
    now = utc_now()
    fault = Fault(FaultKind.MALFORMED, "SRV", None, now - timedelta(minutes=1), now + timedelta(hours=1))
    with serving(inventory, FaultSchedule((fault,))) as simulator, v2c(inventory, "SRV", timeout_s=0.3) as session:
        with pytest.raises(SnmpDecodeError):
            session.get(NAME)
        assert simulator.counts["malformed_by_fault"] == 1
