"""The demo city's traffic goes where it would: through the core to the servers and the Internet, and none is lost."""

import pytest

from collectors.snmp.simulator.cabling import Cabling, cable
from collectors.snmp.simulator.load import Flows, share_load
from collectors.snmp.simulator.products import Products
from wardwatch.demo.city import build_city
from wardwatch.demo.city_data import Variant
from wardwatch.model.inventory import DeviceRole, Inventory


class Loads:
    """Peak bits a second at a city's ports."""

    def __init__(self, variant: Variant) -> None:
        self.inventory: Inventory = build_city(1, variant)
        self.cabling: Cabling = cable(self.inventory, Products.shipped())
        self.flows: Flows = share_load(self.inventory, self.cabling, 1)

    def at(self, device: str, row: int) -> tuple[float, float]:
        incoming, outgoing = self.flows[(device, row)]
        return incoming.peak_octets_ps * 8, outgoing.peak_octets_ps * 8

    def sums(self, device: str) -> tuple[float, float]:
        ports = [self.at(name, row) for name, row in self.flows if name == device]
        return sum(one for one, _ in ports), sum(two for _, two in ports)

    def wan(self) -> float:
        """What goes from the core towards the offices."""
        centre = {d.id for d in self.inventory.devices.values() if d.zone == "data-centre"}
        ends = self.cabling.ends.values()
        return sum(self.at(*upper)[1] for upper, lower in ends if upper[0] in centre and lower[0].split("-")[0] != "dc")

    def role(self, role: DeviceRole) -> list[str]:
        return [device.id for device in self.inventory.devices.values() if device.role is role]


@pytest.fixture(scope="module")
def city() -> Loads:
    return Loads("city")


def test_core_devices_pass_on_what_they_take(city: Loads) -> None:
    for device in city.role(DeviceRole.CORE_ROUTER) + city.role(DeviceRole.CORE_SWITCH) + ["dc-fw-int1", "dc-r-int1"]:
        taken, given = city.sums(device)
        assert taken == pytest.approx(given, rel=0.15), device


def test_the_internet_firewall_carries_a_plausible_share(city: Loads) -> None:
    wan = city.wan()
    assert wan > 5e8
    taken = sum(city.sums(f"dc-fw-int{number}")[0] for number in (1, 2))
    assert 0.5 * wan < taken < 2.5 * wan
    for number in (1, 2):
        assert city.sums(f"dc-fw-app{number}")[0] > 0.1 * wan


@pytest.mark.parametrize("variant", ["city", "small-province"])
def test_the_servers_answer_what_the_offices_ask(variant: Variant) -> None:
    loads = Loads(variant)
    answered = sum(loads.sums(server)[1] for server in loads.role(DeviceRole.SERVER))
    assert 0.6 * loads.wan() < answered
