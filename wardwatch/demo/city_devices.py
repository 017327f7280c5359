"""The demo city's devices, the links between them and the circuits that carry the links to the centre."""

import ipaddress
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from collectors.snmp.simulator.products import Products
from wardwatch.demo.city_data import Equipment, Names, Plan, Template
from wardwatch.demo.city_units import PlacedUnit
from wardwatch.model.inventory import Circuit, Device, DeviceRole, Link

SIMULATED_NETWORK = "127.16.0.0/20"
"""Where the simulated devices answer: so that searches may ask there."""

FIRST_SNMP_ADDRESS = ipaddress.IPv4Address("127.16.0.1")
SNMP_V2C, SNMP_V3 = "snmp-v2c-read", "snmp-v3-read"
_V3_SHARE = 0.2
_SERIAL_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_BANDWIDTHS_MBPS = {
    "ward": (20, 30, 50, 100),
    "district": (500, 1000),
    "department": (200, 500),
    "coordination": (200,),
}
_AGREED_PCT = {"ward": 99.5, "district": 99.9, "department": 99.8, "coordination": 99.8}


@dataclass(slots=True)
class Network:
    """What was built so far."""

    devices: dict[str, Device] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)


def build_network(
    random_: random.Random, units: list[PlacedUnit], names: Names, equipment: Equipment, plan: Plan, snmp_port: int
) -> Network:
    """Devices of every unit by the templates of its kind, the centre's first: everything hangs from its core."""
    builder = _Builder(random_, names, equipment, plan, snmp_port)
    for placed in sorted(units, key=lambda placed: placed.unit.kind != "centre"):
        builder.furnish(placed)
    return builder.network


class _Builder:
    """Hands out addresses and ports in order, so that the same seed gives the same city."""

    def __init__(self, random_: random.Random, names: Names, equipment: Equipment, plan: Plan, snmp_port: int) -> None:
        self.network = Network()
        self._random = random_
        self._names = names
        self._products = equipment.products
        self._templates = equipment.templates if plan.equipment == "templates" else equipment.small_templates
        self._plan = plan
        self._snmp_port = snmp_port
        self._snmp_addresses = _snmp_addresses()
        self._pools: dict[str, Iterator[ipaddress.IPv4Address]] = {}
        self._shipped = Products.shipped()
        self._ports: dict[str, list[str]] = {}
        self._prefixes: dict[str, str] = {}
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._turn = 0

    def furnish(self, placed: PlacedUnit) -> None:
        """Puts the devices of a unit's kind into it and joins them upwards."""
        unit = placed.unit
        kind = "city" if unit.parent is None else unit.kind
        self._seen[kind] += 1
        self._prefixes[unit.id] = placed.prefix
        for template in self._templates[kind]:
            if self._seen[kind] % template.every == 0:
                for number in range(1, template.count + 1):
                    device = self._device(placed, template, number)
                    self._join(placed, template, number, device)

    def _device(self, placed: PlacedUnit, template: Template, number: int) -> Device:
        product = self._random.choice(self._products[template.product])
        unit = placed.unit
        counted = f" {number}" if template.count > 1 else ""
        device = Device(
            id=f"{placed.prefix}-{template.key}{number}",
            name=f"{template.name}{counted} {unit.short_name or unit.name}",
            role=template.role,
            unit=unit.id,
            site=f"site-{unit.id}",
            zone=template.zone,
            address=str(next(self._snmp_addresses)),
            snmp_port=self._snmp_port,
            credential=SNMP_V3 if self._random.random() < _V3_SHARE else SNMP_V2C,
            vendor=product.vendor,
            model=product.model,
            serial="".join(self._random.choices(_SERIAL_LETTERS, k=11)),
            ports=self._random.choice(product.ports),
            addresses=tuple(str(next(self._pool(network))) for network in _networks(placed, template.zone)),
            redundancy_group=f"{placed.prefix}-{template.key}" if template.group else None,
        )
        self.network.devices[device.id] = device
        self._ports[device.id] = [port.name for port in self._shipped.product(device).ports(device.ports)]
        return device

    def _pool(self, network: str) -> Iterator[ipaddress.IPv4Address]:
        return self._pools.setdefault(network, ipaddress.IPv4Network(network).hosts())

    def _join(self, placed: PlacedUnit, template: Template, number: int, device: Device) -> None:
        uplinks = list(self._resolve(placed, template.uplinks))
        if template.share:
            uplinks = [uplinks[(number - 1) % len(uplinks)]]
        for index, upstream in enumerate(uplinks, 1):
            link = Link(
                id=f"{device.id}-up{index}",
                upstream=upstream,
                downstream=device.id,
                upstream_port=self._ports[upstream].pop(0),
                downstream_port=self._ports[device.id].pop(),
                circuit=self._circuit(placed, index) if template.circuit else None,
            )
            self.network.links[link.id] = link

    def _resolve(self, placed: PlacedUnit, words: Iterable[str]) -> Iterator[str]:
        cores = [device.id for device in self.network.devices.values() if device.role is DeviceRole.CORE_ROUTER]
        for word in words:
            if word == "core":
                yield from cores
            elif word == "one-core":
                self._turn += 1
                yield cores[self._turn % len(cores)]
            elif word == "parent":
                assert placed.unit.parent is not None, f"{placed.unit.id} has no parent to hang from"
                yield f"{self._prefixes[placed.unit.parent]}-r1"
            else:
                yield f"{placed.prefix}-{word}"

    def _circuit(self, placed: PlacedUnit, index: int) -> str | None:
        """A leased line; some wards have the city's own fibre instead."""
        unit = placed.unit
        if unit.kind == "ward" and self._random.randrange(100) >= self._plan.circuits_pct:
            return None
        provider = self._random.choices(self._names.providers, [each.weight for each in self._names.providers])[0]
        circuit = Circuit(
            id=f"{placed.prefix}-line{index}",
            name=f"Kênh truyền {unit.short_name or unit.name} ({provider.name})",
            provider=provider.name,
            provider_reference=f"{provider.prefix}-{self._random.randrange(10**6):06}",
            contact=provider.contact,
            bandwidth_bps=self._random.choice(_BANDWIDTHS_MBPS[unit.kind]) * 1_000_000,
            agreed_availability_pct=_AGREED_PCT[unit.kind],
        )
        self.network.circuits[circuit.id] = circuit
        return circuit.id


def _snmp_addresses() -> Iterator[ipaddress.IPv4Address]:
    """Loopback addresses from 127.16.0.1 on, without those that end in 0 or 255."""
    address = FIRST_SNMP_ADDRESS
    while True:
        if address.packed[-1] not in (0, 255):
            yield address
        address += 1


def _networks(placed: PlacedUnit, zone: str) -> list[str]:
    """The networks a device of a zone has an address in."""
    own = placed.unit.networks[0]
    if zone == "data-centre":
        return ["10.10.16.0/22"]
    if zone == "management":
        return ["10.2.0.0/16"]
    if placed.unit.kind == "district":
        third = {"wan": 1, "lan": 2, "finance": 4, "council-exchange": 5}[zone]
        own = f"10.{placed.octet}.{third}.0/24"
    return [own, "10.1.0.0/16"] if zone == "wan" else [own]
