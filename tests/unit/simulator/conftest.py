"""A city of five devices as agents, without a socket: time is whatever a test says."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from collectors.snmp.simulator.agent import DeviceAgent
from collectors.snmp.simulator.cabling import cable
from collectors.snmp.simulator.city import build_city
from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.counts import Counts
from collectors.snmp.simulator.fault_calendar import FaultCalendar
from collectors.snmp.simulator.faults import Fault, FaultSchedule
from collectors.snmp.simulator.products import Products
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Link

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
City = Callable[..., tuple[dict[str, DeviceAgent], FaultCalendar]]


@pytest.fixture
def inventory() -> Inventory:
    def device(name: str, role: DeviceRole, number: int, ports: int) -> Device:
        return Device(name, name, role, "u", "s", "z", f"127.7.0.{number}", 1161, "c", "Cisco", "C9300", ports=ports)

    devices = [
        device("CORE", DeviceRole.CORE_SWITCH, 1, 12),
        device("RT", DeviceRole.ROUTER, 2, 4),
        device("SW", DeviceRole.ACCESS_SWITCH, 3, 28),
        device("SRV", DeviceRole.SERVER, 4, 2),
        device("UPS", DeviceRole.UPS, 5, 0),
    ]
    links = [Link("l1", "CORE", "RT"), Link("l2", "RT", "SW"), Link("l3", "CORE", "SRV"), Link("l4", "SW", "UPS")]
    return Inventory(
        devices={one.id: one for one in devices},
        links={one.id: one for one in links},
        credentials={"c": Credential("c", "snmp-v2c", community="secret://ro")},
    )


@pytest.fixture
def city(inventory: Inventory) -> City:
    """Builds the city with faults; agents by device."""

    def build(*faults: Fault) -> tuple[dict[str, DeviceAgent], FaultCalendar]:
        products = Products.shipped()
        cabling = cable(inventory, products)
        calendar = FaultCalendar(FaultSchedule(faults), cabling)
        agents = build_city(
            SimulatorSettings(), inventory, lambda _: "city", cabling, products, calendar, START, Counts()
        )
        return {agent.device: agent for agent in agents.values()}, calendar

    return build
