"""A small city on loopback: v2c and v3 devices on a port that the kernel chose."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.model.inventory import Circuit, Credential, Device, DeviceRole, Inventory, Link, Site
from wardwatch.model.time import utc_now

SECRETS = {"secret://ro": "city", "secret://auth": "authpassword", "secret://priv": "privpassword"}


def free_port() -> int:
    """A UDP port nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inventory() -> Inventory:
    port = free_port()

    def device(name: str, role: DeviceRole, number: int, ports: int, credential: str, vendor: str) -> Device:
        return Device(
            name, name, role, "u", "s", "z", f"127.77.0.{number}", port, credential, vendor, "C9300-48P", ports=ports
        )

    devices = [
        device("CORE", DeviceRole.CORE_ROUTER, 1, 8, "v2", "Cisco"),
        device("WARD-RT", DeviceRole.ROUTER, 2, 4, "v3", "Huawei"),
        device("WARD-SW", DeviceRole.ACCESS_SWITCH, 3, 52, "v2", "Cisco"),
        device("SRV", DeviceRole.SERVER, 4, 2, "v2", "Dell"),
    ]
    links = [
        Link("l1", "CORE", "WARD-RT", circuit="c1"),
        Link("l2", "WARD-RT", "WARD-SW", "GigabitEthernet0/0/0", "TenGigabitEthernet1/1/1"),
        Link("l3", "CORE", "SRV"),
    ]
    credentials = [
        Credential("v2", "snmp-v2c", community="secret://ro"),
        Credential("v3", "snmp-v3", None, "noc", "sha256", "secret://auth", "aes128", "secret://priv"),
    ]
    return Inventory(
        sites={"s": Site("s", "Phường Đồng Xuân", "u")},
        devices={one.id: one for one in devices},
        links={one.id: one for one in links},
        credentials={one.id: one for one in credentials},
        circuits={"c1": Circuit("c1", "WAN", "VNPT", "HN-001", bandwidth_bps=50_000_000)},
    )


Serve = Callable[..., AbstractContextManager[Simulator]]


@contextmanager
def _serving(inventory: Inventory, faults: FaultSchedule | None = None) -> Iterator[Simulator]:
    simulator = Simulator(SimulatorSettings(seed=7), inventory, SECRETS.__getitem__, faults or FaultSchedule(), utc_now)
    simulator.start()
    thread = threading.Thread(target=simulator.run)
    thread.start()
    try:
        yield simulator
    finally:
        simulator.stop()
        thread.join(timeout=10)


@pytest.fixture
def serving() -> Serve:
    """Serves an inventory (with faults) from a thread while its context is open."""
    return _serving
