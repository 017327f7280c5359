"""What happens on the demo city's network in a period of time: drawn from a table, the same for the same seed."""

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from drills.packets import Bounds, PlannedAction
from wardwatch.model.inventory import Inventory
from wardwatch.strict_yaml import StrictModel, load

# RFC 5737 documentation networks stand for the outside world: nobody real is ever named in a demo's alert.
CITIZENS = ipaddress.ip_network("203.0.113.0/25")
ATTACKERS = ipaddress.ip_network("198.51.100.0/24")
COLLECTORS = ipaddress.ip_network("203.0.113.128/25")
SCOPE = ("10.0.0.0/8", "203.0.113.0/24", "198.51.100.0/24")
BOUNDS = Bounds(SCOPE, max_pps=5000, max_duration_s=600)
FEW_ATTACKERS = 5

Place = Literal["citizen", "attacker", "collector", "ward", "service", "resolver"]


class Flow(StrictModel):
    """One kind of traffic and how often it is drawn."""

    action: str
    source: Place = Field(alias="from")
    destination: Place = Field(alias="to")
    weight: float = Field(gt=0)
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")


class TrafficTable(StrictModel):
    """Normal life and attacks."""

    normal: tuple[Flow, ...] = Field(min_length=1)
    attacks: tuple[Flow, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the demo: how long it is (seconds), how many visits it has, how probable one attack in it is."""

    length_s: float = 20.0
    visits: int = 6
    attack_probability: float = 0.35


class DemoTraffic:
    """Draws the actions of a period from an inventory's own addresses."""

    def __init__(self, inventory: Inventory, seed: int, period: Period) -> None:
        self._table = load(Path(__file__).with_name("traffic.yaml"), TrafficTable)
        self._seed = seed
        self._period = period
        self._services = [
            (service.addresses[0], service.hostname or "dichvucong.drill.test")
            for service in inventory.services.values()
            if service.addresses and service.addresses[0].startswith("10.")
        ]
        self._wards = [ipaddress.ip_network(unit.networks[0]) for unit in inventory.units.values() if unit.networks]

    def actions(self, number: int, attacked: bool = False) -> list[PlannedAction]:
        """What happens in the period of that number, certainly an attack if `attacked`; times count from its start."""
        random_ = random.Random(f"{self._seed}/{number}")
        flows = list(random_.choices(self._table.normal, _weights(self._table.normal), k=self._period.visits))
        if random_.random() < self._period.attack_probability or attacked:
            flows += random_.choices(self._table.attacks, _weights(self._table.attacks))
        # The last third of a period is left free, so that what starts in it also ends in it.
        return [
            self._planned(f"p{number}-{index}", flow, random_.uniform(0, self._period.length_s * 0.6), random_)
            for index, flow in enumerate(flows)
        ]

    def _planned(self, name: str, flow: Flow, at_s: float, random_: random.Random) -> PlannedAction:
        hostname = flow.parameters.get("hostname")
        source, _ = self._address(flow.source, random_)
        destination, served = self._address(flow.destination, random_)
        resolver, _ = self._address("resolver", random_)
        hosts = {"source": source, "destination": destination, "resolver": resolver}
        parameters = {**flow.parameters, "src": "source", "dst": "destination", "hostname": hostname or served}
        if flow.action == "browse":
            parameters["dns"] = "resolver"
        return PlannedAction(name, flow.action, at_s, hosts, parameters)

    def _address(self, place: Place, random_: random.Random) -> tuple[str, str]:
        """An address of a place, and the host name it is asked by."""
        if place == "service":
            return random_.choice(self._services)
        if place == "resolver":
            return "10.10.0.53", "resolver.drill.test"
        if place == "ward":
            return _host(random_.choice(self._wards), random_.randint(20, 120)), "may-tram.drill.test"
        if place == "attacker":
            return _host(ATTACKERS, 20 + random_.randrange(FEW_ATTACKERS)), "attacker.drill.test"
        if place == "collector":
            return _host(COLLECTORS, random_.randint(1, 20)), "collector.drill.test"
        return _host(CITIZENS, random_.randint(2, 120)), "citizen.drill.test"


def _host(network: ipaddress.IPv4Network | ipaddress.IPv6Network, number: int) -> str:
    return str(network[min(number, network.num_addresses - 2)])


def _weights(flows: Sequence[Flow]) -> list[float]:
    return [flow.weight for flow in flows]
