"""Detection, the second consumer of every batch: statuses, alert groups, incidents, and what the live stream tells."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.outages.detector import OutageDetector, StatusChange
from detectors.outages.judge import OutageSettings
from wardwatch.errors import Conflict, StoreFault
from wardwatch.incidents.correlation import CorrelationSettings, Correlator
from wardwatch.incidents.findings import Outage, Recovery, impact_of
from wardwatch.inventory.topology import Topology
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, DeviceStatus, Incident
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import AppendResult, Batch, DeviceFacts
from wardwatch.model.status import Status
from wardwatch.model.time import Clock
from wardwatch.ports import LiveListener, StateStore

log = logging.getLogger(__name__)

_ACTOR = Actor.system("detection")
_EVERYTHING = Scope.everything()

Work = Callable[[], None]


class CityDirectory(Protocol):
    """What detection asks of the inventory."""

    @property
    def inventory(self) -> Inventory: ...

    @property
    def topology(self) -> Topology: ...


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """`interval_s` is how often devices are polled; it decides when silence means no data. `failures` in a row make a
    device down. `owed` is how many batches may wait for the state store."""

    interval_s: float = 60.0
    failures: int = 2
    owed: int = 1000
    grouping: GroupingSettings = field(default_factory=GroupingSettings)
    correlation: CorrelationSettings = field(default_factory=CorrelationSettings)

    @property
    def outages(self) -> OutageSettings:
        return OutageSettings(self.failures, timedelta(seconds=self.interval_s))


class DetectionConsumer:
    """Sees each batch once, after it is durable. Calls take turns; each does its SQL before it returns."""

    def __init__(
        self,
        state: StateStore,
        directory: CityDirectory,
        settings: DetectionSettings,
        clock: Clock,
        publish: LiveListener,
    ) -> None:
        self._state = state
        self._directory = directory
        self._settings = settings
        self._clock = clock
        self._publish = publish
        self._turn = threading.Lock()
        self._owed: deque[Work] = deque()
        self.missed = 0
        self._correlator = Correlator(state.incidents, state.alert_groups, self._unit_name, settings.correlation, clock)
        self._outages: OutageDetector | None = None

    def consume(self, batch: Batch, result: AppendResult) -> None:
        """Judges a stored batch: polls at once, alerts only where they were stored for the first time.

        The batch is durable, so its edge will not send it again: what the state store cannot take now is owed, and
        done before the next batch.
        """
        with self._turn:
            if batch.outcomes or batch.blocks:
                self._owe(lambda: self._take(*self._detector().observe(batch.facts, batch.blocks, batch.outcomes)))
            if result.new_events:
                self._owe(lambda: self._take_alerts(batch, result))
            self._settle()

    def silence(self) -> None:
        """Marks devices that nobody checks any more; called every few seconds."""
        with self._turn:
            self._owe(lambda: self._take(*self._detector().silence(self._clock())))
            self._settle()

    def reload(self, directory: CityDirectory) -> None:
        """Takes another inventory."""
        with self._turn:
            self._directory = directory
            if self._outages is not None:
                self._outages.use(directory.inventory, directory.topology)

    def _owe(self, work: Work) -> None:
        if len(self._owed) >= self._settings.owed:
            self._owed.popleft()
            self.missed += 1
            log.error("detection missed a batch missed=%d", self.missed)
        self._owed.append(work)

    def _settle(self) -> None:
        """Does what is owed, in order. After a fault all that is known is read from the store again."""
        while self._owed:
            try:
                self._owed[0]()
            except (StoreFault, Conflict) as error:
                log.error("detection waits for the state store owed=%d reason=%s", len(self._owed), error)
                self._outages = None
                return
            except Exception:
                # A defect of ours in one batch must not stop the detection of all others.
                self.missed += 1
                self._outages = None
                log.exception("detection failed on a batch missed=%d", self.missed)
            self._owed.popleft()

    def _detector(self) -> OutageDetector:
        """Read from the store at the first batch, since a constructor does no I/O."""
        if self._outages is None:
            self._outages = OutageDetector(
                self._state.devices.statuses(_EVERYTHING),
                self._directory.inventory,
                self._directory.topology,
                self._facts,
                self._settings.outages,
            )
            self._correlator.load()
        return self._outages

    def _facts(self, device: str) -> DeviceFacts | None:
        return self._state.devices.facts(_EVERYTHING, device, "interfaces")

    def _take(self, stored: Sequence[DeviceStatus], changes: Sequence[StatusChange]) -> None:
        if stored:
            self._state.devices.put_statuses(_ACTOR, stored)
        for change in changes:
            self._publish("status", _status_payload(change.after))
        if changes:
            # From here on the statuses are stored and will not change again, so the rest is work of its own.
            self._owed.insert(1, lambda: self._correlate_statuses(changes))

    def _correlate_statuses(self, changes: Sequence[StatusChange]) -> None:
        self._detector()
        # Causes before consequences: what cuts others off opens the incident that they join.
        for outage in sorted(filter(None, map(self._outage, changes)), key=lambda found: -len(found.impact.devices)):
            self._tell(self._correlator.outage(outage))
        for change in changes:
            if (recovery := self._recovery(change)) is not None:
                for incident in self._correlator.recovery(recovery):
                    self._tell(incident)

    def _take_alerts(self, batch: Batch, result: AppendResult) -> None:
        new = set(result.new_events)
        events = [event for event in batch.events if event.alert and event.position in new]
        groups = group_alerts(events, batch.namespace, self._settings.grouping)
        if not groups:
            return
        self._state.alert_groups.merge(_ACTOR, groups)
        for group in groups:
            self._publish("alert_group", _group_payload(group))
        # From here on a fault must not add the alerts a second time, so the rest is work of its own.
        self._owed.insert(1, lambda: self._correlate(groups))

    def _correlate(self, groups: Sequence[AlertGroup]) -> None:
        self._detector()
        merged = (self._state.alert_groups.group(_EVERYTHING, group.id) for group in groups)
        for incident in self._correlator.alerts([group for group in merged if group is not None]):
            self._tell(incident)

    def _outage(self, change: StatusChange) -> Outage | None:
        status = change.after
        if status.status is not Status.DOWN:
            return None
        impact = impact_of(status.device, self._directory.inventory, self._directory.topology)
        return Outage(
            status.device,
            self._device_name(status.device),
            status.unit,
            self._unit_name(status.unit),
            status.since,
            status.cause,
            impact,
        )

    def _recovery(self, change: StatusChange) -> Recovery | None:
        status, before = change.after, change.before
        if before is None or status.status not in (Status.OK, Status.DEGRADED) or before.status is status.status:
            return None
        return Recovery(status.device, self._device_name(status.device), status.unit, status.since)

    def _device_name(self, device: str) -> str:
        known = self._directory.inventory.devices.get(device)
        return known.name if known else device

    def _unit_name(self, unit: str) -> str:
        known = self._directory.inventory.units.get(unit)
        return known.name if known else unit

    def _tell(self, incident: Incident | None) -> None:
        if incident is None:
            return
        log.info(
            "incident number=%d version=%d severity=%s units=%d",
            incident.number,
            incident.version,
            incident.severity.value,
            len(incident.units),
        )
        self._publish("incident", _incident_payload(incident))


def _status_payload(status: DeviceStatus) -> dict[str, Any]:
    return {
        "device": status.device,
        "status": status.status.value,
        "since": status.since.isoformat(),
        "cause": asdict(status.cause),
        "behind": status.behind,
        "units": [status.unit],
    }


def _group_payload(group: AlertGroup) -> dict[str, Any]:
    return {
        "id": group.id,
        "namespace": group.namespace,
        "rule_name": group.rule_name,
        "severity": group.severity.value,
        "count": group.count,
        "units": sorted({*group.units, *((group.unit,) if group.unit else ())}),
    }


def _incident_payload(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "number": incident.number,
        "namespace": incident.namespace,
        "title": asdict(incident.title),
        "state": incident.state.value,
        "severity": incident.severity.value,
        "version": incident.version,
        "units": sorted({*incident.units, *((incident.unit,) if incident.unit else ())}),
    }
