"""Simulated routers that export flows: what people of their units do all day, told from each router's own address."""

import ipaddress
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from collectors.flows.simulator.flow import Exporter, Flow
from collectors.flows.simulator.netflow5 import NetFlow5
from collectors.flows.simulator.sflow import SFlow
from collectors.flows.simulator.templated import Ipfix, NetFlow9
from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.time import Clock

_ROUTERS = frozenset({DeviceRole.ROUTER, DeviceRole.CORE_ROUTER})
_WEB = ("203.0.113.10", "203.0.113.66", "198.51.100.7", "198.51.100.80")
_PORTS = (443, 443, 443, 80, 53, 25)
_TCP, _UDP = 6, 17
_WAYS: tuple[Callable[[str], Exporter], ...] = (
    lambda address: NetFlow9(),
    lambda address: Ipfix(),
    lambda address: NetFlow5(),
    SFlow,
)


@dataclass(frozen=True, slots=True)
class ExportingSettings:
    """Whither flows go, how many routers export at most, and how many flows each tells every so many seconds."""

    to: tuple[str, int]
    exporters: int = 40
    flows: int = 6
    every_s: float = 15.0
    seed: int = 1


class Exporting:
    """Sends between `__enter__` and `__exit__`, from a thread. `counts` are datagrams, and those that failed.

    Routers take turns in speaking NetFlow v9, IPFIX, NetFlow v5 and sFlow; templates are told every time.
    """

    def __init__(self, settings: ExportingSettings, inventory: Inventory, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = random.Random(f"{settings.seed}/flows")
        self._services = tuple(address for each in inventory.services.values() for address in each.addresses)
        self._homes = _homes(inventory, settings.exporters)
        self._exporters = {
            device.id: _WAYS[place % len(_WAYS)](device.address) for place, device in enumerate(self._homes)
        }
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="exporting", daemon=True)
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        senders: dict[str, socket.socket] = {}
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                for device, networks in self._homes.items():
                    self._tell(device, networks, senders)
                self._stop.wait(max(self._settings.every_s - (time.monotonic() - began), 0.1))
        finally:
            for sender in senders.values():
                sender.close()

    def _tell(self, device: Device, networks: Sequence[str], senders: dict[str, socket.socket]) -> None:
        exporter, at_s = self._exporters[device.id], int(self._clock().timestamp())
        flows = [self._flow(networks) for _ in range(self._settings.flows)]
        try:
            # An exporter is known by its address and port, so that each keeps its socket.
            if device.id not in senders:
                senders[device.id] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                senders[device.id].bind((device.address, 0))
            for data in (*exporter.announce(at_s), *exporter.tell(flows, at_s)):
                senders[device.id].sendto(data, self._settings.to)
                self.counts["flows"] += 1
        except OSError:
            self.counts["flows_failed"] += 1

    def _flow(self, networks: Sequence[str]) -> Flow:
        """Somebody of the unit and a service of the city or of the world, in either direction."""
        chance = self._chance
        network = ipaddress.ip_network(chance.choice(networks))
        somebody = str(network[min(chance.randint(2, 60), network.num_addresses - 1)])
        peer = chance.choice(self._services if self._services and chance.random() < 0.6 else _WEB)
        port = chance.choice(_PORTS)
        packets = chance.randint(2, 900)
        ends = (somebody, peer, chance.randint(32_768, 60_999), port)
        if chance.random() < 0.7:
            ends = (ends[1], ends[0], ends[3], ends[2])
        return Flow(*ends, _UDP if port == 53 else _TCP, packets * chance.randint(80, 1400), packets)


def _homes(inventory: Inventory, most: int) -> Mapping[Device, tuple[str, ...]]:
    """Routers of units with IPv4 networks, one a unit, spread over the city."""
    found: dict[str, Device] = {}
    for _, device in sorted(inventory.devices.items()):
        if device.role in _ROUTERS:
            found.setdefault(device.unit, device)
    homes = {}
    for unit, device in found.items():
        networks = tuple(each for each in inventory.units[unit].networks if ":" not in each)
        if networks:
            homes[device] = networks
    step = max(1, len(homes) // most)
    return dict(list(homes.items())[::step][:most])
