"""What stands in the way of a start is said in a sentence."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from collectors.snmp.simulator.faults import Fault, FaultKind, FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.errors import UserError
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now

Serve = Callable[..., AbstractContextManager[Simulator]]


def refusal(serving: Serve, inventory: Inventory, faults: FaultSchedule | None = None) -> str:
    with pytest.raises(UserError) as refused, serving(inventory, faults):
        pass
    return str(refused.value)


def test_a_port_in_use(inventory: Inventory, serving: Serve) -> None:
    port = inventory.devices["CORE"].snmp_port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        assert refusal(serving, inventory).startswith(f"UDP port {port} is in use")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"credential": None}, "device 'SRV' has no credential"),
        ({"credential": "v9"}, "names the credential 'v9', which is not in the inventory"),
        ({"address": "192.0.2.1"}, "answers on 127.0.0.0/8 only"),
        ({"address": "127.77.0.1"}, "devices 'CORE' and 'SRV' have the same address"),
    ],
)
def test_a_device_that_cannot_answer(inventory: Inventory, serving: Serve, change: dict[str, Any], said: str) -> None:
    changed = {**inventory.devices, "SRV": replace(inventory.devices["SRV"], **change)}
    assert said in refusal(serving, replace(inventory, devices=changed))


def test_a_credential_that_cannot_be_simulated(inventory: Inventory, serving: Serve) -> None:
    changed = {**inventory.credentials, "v3": replace(inventory.credentials["v3"], privacy_protocol="rot13")}
    said = refusal(serving, replace(inventory, credentials=changed))
    assert "credential 'v3' has the privacy_protocol 'rot13'" in said
    assert "aes256" in said


def test_a_fault_of_an_unknown_device(inventory: Inventory, serving: Serve) -> None:
    fault = Fault(FaultKind.DEAD, "SVR", None, utc_now(), utc_now())
    assert "unknown device 'SVR': did you mean 'SRV'?" in refusal(serving, inventory, FaultSchedule((fault,)))


def test_a_stopped_simulator_frees_its_port(inventory: Inventory, serving: Serve) -> None:
    for _ in range(2):
        with serving(inventory) as simulator:
            assert simulator.ports == [inventory.devices["CORE"].snmp_port]
