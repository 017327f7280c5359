"""Keeps the status of every device up to date from what the collectors report."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from detectors.outages.judge import OutageSettings, judge_behind, judge_poll, judge_ports, judge_silence
from detectors.outages.ports import PortWatch, ReadFacts
from wardwatch.inventory.topology import Topology
from wardwatch.model.detection import StatusChange
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import DeviceFacts, PollOutcome, SampleBlock
from wardwatch.model.status import Status


class OutageDetector:
    """Judges polls in the order they come; holds the statuses in memory, the caller stores what `observe` returns."""

    def __init__(
        self,
        statuses: Iterable[DeviceStatus],
        inventory: Inventory,
        topology: Topology,
        read_facts: ReadFacts,
        settings: OutageSettings,
    ) -> None:
        self._statuses = {status.device: status for status in statuses}
        self._settings = settings
        self._read_facts = read_facts
        self._down_ports: dict[str, dict[str, str]] = {}
        self.use(inventory, topology)

    def use(self, inventory: Inventory, topology: Topology) -> None:
        """Takes another inventory, or other links: devices that left it are forgotten."""
        self._inventory = inventory
        self._topology = topology
        self._ports = PortWatch(inventory, topology.links, self._read_facts)
        if inventory.devices:
            self._statuses = {name: known for name, known in self._statuses.items() if name in inventory.devices}

    @property
    def statuses(self) -> Mapping[str, DeviceStatus]:
        return self._statuses

    def observe(
        self, facts: Iterable[DeviceFacts], blocks: Iterable[SampleBlock], outcomes: Iterable[PollOutcome]
    ) -> tuple[list[DeviceStatus], list[StatusChange]]:
        """The statuses to store, and those whose word changed."""
        before = dict(self._statuses)
        for fact in facts:
            self._ports.learn(fact)
        touched: set[str] = set()
        ports_read: dict[str, datetime] = {}
        for block in blocks:
            if block.measurement == "interface":
                self._down_ports[block.device] = self._ports.down(block)
                ports_read[block.device] = block.at
        for outcome in outcomes:
            known, ports = self._statuses.get(outcome.device), self._down_ports.get(outcome.device, {})
            self._statuses[outcome.device] = judge_poll(known, outcome, ports, self._settings)
            touched.add(outcome.device)
            ports_read.pop(outcome.device, None)
        for device, at in ports_read.items():
            if device in self._statuses:
                self._statuses[device] = judge_ports(self._statuses[device], self._down_ports[device], at)
                touched.add(device)
        touched |= self._judge_behind()
        return self._since(before, touched)

    def silence(self, now: datetime) -> tuple[list[DeviceStatus], list[StatusChange]]:
        """The devices that nobody checks any more, as `observe` returns them."""
        before = dict(self._statuses)
        for device, status in before.items():
            self._statuses[device] = judge_silence(status, now, self._settings_of(device))
        silent = {device for device, status in self._statuses.items() if status is not before[device]}
        return self._since(before, silent)

    def _settings_of(self, device: str) -> OutageSettings:
        """A device with a polling interval of its own is silent later (or sooner)."""
        known = self._inventory.devices.get(device)
        if known is None or known.poll_interval_s is None:
            return self._settings
        return replace(self._settings, interval=timedelta(seconds=known.poll_interval_s))

    def _judge_behind(self) -> set[str]:
        """Tells devices that are down from those that another one cuts off.

        A device with a single failure already counts as a possible blocker: it may be asked for the second time only
        after the devices behind it.
        """
        unreachable = [known for known in self._statuses.values() if known.status in (Status.DOWN, Status.BEHIND)]
        if not unreachable:
            return set()
        failing = {known.device for known in self._statuses.values() if known.failures}
        behind = self._topology.cut_off(failing)
        touched = set()
        for status in unreachable:
            blocker = behind.get(status.device)
            known = self._inventory.devices.get(blocker) if blocker else None
            judged = judge_behind(status, blocker, known.name if known else str(blocker))
            if judged != status:
                self._statuses[status.device] = judged
                touched.add(status.device)
        return touched

    def _since(
        self, before: Mapping[str, DeviceStatus], touched: Iterable[str]
    ) -> tuple[list[DeviceStatus], list[StatusChange]]:
        stored, changes = [], []
        for device in sorted(touched):
            was, now = before.get(device), self._statuses[device]
            if was != now:
                stored.append(now)
            if was is None or was.status is not now.status:
                changes.append(StatusChange(was, now))
        return stored, changes
