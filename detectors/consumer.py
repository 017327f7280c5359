"""Detection, the second consumer of every batch: statuses, alert groups, incidents, and what the live stream tells."""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any, Protocol

from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.alerts.hiding import clearings, clears, hidden
from detectors.outages.detector import OutageDetector
from detectors.outages.judge import OutageSettings
from wardwatch.errors import Conflict, StoreFault
from wardwatch.incidents.correlation import CorrelationSettings, Correlator
from wardwatch.incidents.findings import Outage, Recovery, impact_of
from wardwatch.inventory.topology import Topology
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.access import Actor, Scope
from wardwatch.model.detection import Checkpoint, Finding, Owed, StatusChange
from wardwatch.model.incidents import AlertGroup, DeviceStatus, GroupState, Incident
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import AppendResult, Batch, DeviceFacts
from wardwatch.model.status import Status
from wardwatch.model.time import Clock
from wardwatch.ports import LiveListener, StateStore

log = logging.getLogger(__name__)

_ACTOR = Actor.system("detection")
_EVERYTHING = Scope.everything()


class CityDirectory(Protocol):
    """What detection asks of the inventory."""

    @property
    def inventory(self) -> Inventory: ...

    @property
    def topology(self) -> Topology: ...


class EventRules(Protocol):
    """Rules over events (`detectors.sigma.stream`)."""

    def judge(self, batch: Batch, result: AppendResult) -> list[AlertGroup]:
        """What the new events of a batch bring about; of the last batch of an edge the same answer again."""
        ...


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """`interval_s` is how often devices are polled; it decides when silence means no data. `failures` in a row make a
    device down. `owed` is how many findings may wait for their incidents before batches are refused."""

    interval_s: float = 60.0
    failures: int = 2
    owed: int = 1000
    grouping: GroupingSettings = field(default_factory=GroupingSettings)
    correlation: CorrelationSettings = field(default_factory=CorrelationSettings)

    @property
    def outages(self) -> OutageSettings:
        return OutageSettings(self.failures, timedelta(seconds=self.interval_s))


class DetectionConsumer:
    """Sees each batch exactly once, after it is durable. Calls take turns.

    What a batch says is stored in one transaction with how far this edge was seen and with what is owed to the
    incidents. Correlation follows: it changes nothing when it is done again, so what a crash leaves owed is done at the
    next start.
    """

    def __init__(
        self,
        state: StateStore,
        directory: CityDirectory,
        settings: DetectionSettings,
        clock: Clock,
        publish: LiveListener,
        rules: EventRules | None = None,
    ) -> None:
        self._state = state
        self._directory = directory
        self._settings = settings
        self._clock = clock
        self._publish = publish
        self._rules = rules
        self._turn = threading.Lock()
        self._owed: deque[tuple[int, Owed]] = deque()
        self._seen: dict[tuple[str, str], int] = {}
        self.missed = 0
        self._correlator = Correlator(state.incidents, state.alert_groups, self._unit_name, settings.correlation, clock)
        self._outages: OutageDetector | None = None

    def consume(self, batch: Batch, result: AppendResult) -> None:
        """Judges a stored batch: polls at once, alerts only where they were stored for the first time.

        Raises `StoreFault` when the state store cannot take it now: the batch must come again, and will then be seen.
        """
        with self._turn:
            self._settle()
            if self._is_new(batch) and (self._match(batch, result) or _is_telling(batch)):
                self._see(batch, result)
                self._settle()

    def silence(self) -> None:
        """Marks devices that nobody checks any more; called every few seconds."""
        with self._turn:
            try:
                self._settle()
                stored, changes = self._detector().silence(self._clock())
                if stored:
                    self._commit(Finding(statuses=tuple(stored), owed=Owed(tuple(changes))))
            except StoreFault as error:
                log.error("detection waits for the state store reason=%s", error)
                return
            self._settle()

    def reload(self, directory: CityDirectory) -> None:
        """Takes another inventory."""
        with self._turn:
            self._directory = directory
            if self._outages is not None:
                self._outages.use(directory.inventory, directory.topology)

    def _is_new(self, batch: Batch) -> bool:
        key = (batch.edge, batch.epoch)
        if key not in self._seen:
            self._seen[key] = self._state.detection.seen(*key)
        return self._seen[key] < batch.sequence

    def _match(self, batch: Batch, result: AppendResult) -> list[AlertGroup]:
        if self._rules is None or not batch.events:
            return []
        try:
            return self._rules.judge(batch, result)
        except Exception:
            # As below: a defect in one batch must not stop the detection of all others.
            self.missed += 1
            log.exception("rules failed on a batch missed=%d", self.missed)
            return []

    def _see(self, batch: Batch, result: AppendResult) -> None:
        if len(self._owed) >= self._settings.owed:
            raise StoreFault(
                f"{len(self._owed)} findings wait for their incidents", "see why the state store refuses incidents"
            )
        checkpoint = Checkpoint(batch.edge, batch.epoch, batch.sequence)
        try:
            finding = self._judged(batch, result, checkpoint)
        except StoreFault:
            self._forget()
            raise
        except Exception:
            # A defect of ours in one batch must not stop the detection of all others.
            self.missed += 1
            self._forget()
            log.exception("detection failed on a batch missed=%d", self.missed)
            finding = Finding(checkpoint)
        self._commit(finding)
        self._seen[batch.edge, batch.epoch] = batch.sequence
        for group in finding.groups:
            self._publish("alert_group", _group_payload(group))

    def _judged(self, batch: Batch, result: AppendResult, checkpoint: Checkpoint) -> Finding:
        statuses, changes = self._detector().observe(batch.facts, batch.blocks, batch.outcomes)
        new = set(result.new_events)
        events = [event for event in batch.events if event.alert and event.position in new]
        alerts = group_alerts(events, batch.namespace, self._settings.grouping)
        groups = self._hidden([*alerts, *self._match(batch, result)])
        over = clearings((event for event in batch.events if event.position in new), batch.namespace)
        owed = Owed(tuple(changes), tuple(group.id for group in groups if group.suppression is None))
        return Finding(checkpoint, batch.facts, tuple(statuses), tuple(groups), tuple(over), owed)

    def _hidden(self, groups: Sequence[AlertGroup]) -> list[AlertGroup]:
        if not groups:
            return []
        active = self._state.suppressions.suppressions(_EVERYTHING, self._clock())
        return hidden(groups, active, UnitTree(self._directory.inventory.units))

    def _commit(self, finding: Finding) -> None:
        try:
            number = self._state.detection.commit(_ACTOR, finding)
        except StoreFault:
            # The detector has seen what the store has not: all that is known is read from the store again.
            self._forget()
            raise
        for change in finding.owed.changes:
            self._publish("status", _status_payload(change.after))
        if number is not None:
            self._owed.append((number, finding.owed))

    def _settle(self) -> None:
        """Correlates what is owed, in order. What the store cannot take now stays owed, here and there."""
        try:
            self._detector()
            while self._owed:
                number, owed = self._owed[0]
                with self._state.together():
                    incidents = self._correlate(owed)
                    self._state.detection.settle(_ACTOR, number)
                self._owed.popleft()
                for incident in incidents:
                    self._tell(incident)
        except (StoreFault, Conflict) as error:
            log.error("detection waits for the state store owed=%d reason=%s", len(self._owed), error)
            self._forget()

    def _correlate(self, owed: Owed) -> list[Incident]:
        """The incidents that changed, as they are at last."""
        changed: dict[str, Incident] = {}
        try:
            for incident in chain(self._correlate_statuses(owed.changes), self._correlate_groups(owed.groups)):
                changed[incident.id] = incident
        except (StoreFault, Conflict):
            raise
        except Exception:
            self.missed += 1
            log.exception("correlation failed on a finding missed=%d", self.missed)
        return list(changed.values())

    def _forget(self) -> None:
        self._outages = None
        self._seen.clear()

    def _detector(self) -> OutageDetector:
        """Read from the store at the first batch, since a constructor does no I/O."""
        if self._outages is None:
            outages = OutageDetector(
                self._state.devices.statuses(_EVERYTHING),
                self._directory.inventory,
                self._directory.topology,
                self._facts,
                self._settings.outages,
            )
            self._correlator.load()
            self._owed = deque(self._state.detection.owed())
            self._outages = outages
        return self._outages

    def _facts(self, device: str) -> DeviceFacts | None:
        return self._state.devices.facts(_EVERYTHING, device, "interfaces")

    def _correlate_statuses(self, changes: Sequence[StatusChange]) -> Iterator[Incident]:
        # Causes before consequences: what cuts others off opens the incident that they join.
        for outage in sorted(filter(None, map(self._outage, changes)), key=lambda found: -len(found.impact.devices)):
            if (incident := self._correlator.outage(outage)) is not None:
                yield incident
        for change in changes:
            if (recovery := self._recovery(change)) is not None:
                yield from self._correlator.recovery(recovery)

    def _correlate_groups(self, ids: Sequence[str]) -> Iterator[Incident]:
        merged = self._state.alert_groups.chosen(_EVERYTHING, ids)
        found = (merged[group] for group in ids if group in merged)
        yield from self._correlator.alerts([group for group in found if group.state is GroupState.OPEN])

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

    def _tell(self, incident: Incident) -> None:
        log.info(
            "incident number=%d version=%d severity=%s units=%d",
            incident.number,
            incident.version,
            incident.severity.value,
            len(incident.units),
        )
        self._publish("incident", _incident_payload(incident))


def _is_telling(batch: Batch) -> bool:
    told = any(event.alert or clears(event) for event in batch.events)
    return bool(batch.outcomes or batch.blocks or batch.facts or told)


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
