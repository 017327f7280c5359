"""What detection makes of a batch: stored in one transaction with how far it has come, so that nothing counts twice."""

from dataclasses import dataclass, field
from datetime import datetime

from wardwatch.model.incidents import AlertGroup, DeviceStatus
from wardwatch.model.records import DeviceFacts


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The batch that detection has seen last of an edge's epoch."""

    edge: str
    epoch: str
    sequence: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A device whose status word changed; `before` is None when it is met for the first time."""

    before: DeviceStatus | None
    after: DeviceStatus


@dataclass(frozen=True, slots=True)
class Clearing:
    """A condition that is over: the open groups of its rule at the same device (or, of no known device, from the same
    address) are cleared where nothing of them was seen later."""

    namespace: str
    rule_id: str
    device: str | None
    source_ip: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """What of a finding is still to be correlated into incidents: doing it twice changes nothing."""

    changes: tuple[StatusChange, ...] = ()
    groups: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.groups)


@dataclass(frozen=True, slots=True)
class Finding:
    """All that a batch says of devices and alerts. `checkpoint` is None for what comes from no batch (silence)."""

    checkpoint: Checkpoint | None = None
    facts: tuple[DeviceFacts, ...] = ()
    statuses: tuple[DeviceStatus, ...] = ()
    groups: tuple[AlertGroup, ...] = ()
    clearings: tuple[Clearing, ...] = ()
    owed: Owed = field(default_factory=Owed)
