"""How the drill's devices answer their polls, judged by the product's own outage detector."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from collectors.reception.documents import ECS, stamp
from detectors.outages.detector import OutageDetector
from detectors.outages.judge import OutageSettings
from detectors.outages.ports import DOWN, UP
from drills.telemetry.told import Outage
from wardwatch.inventory.topology import Topology
from wardwatch.model.detection import StatusChange
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Outcome, PollOutcome, SampleBlock
from wardwatch.model.status import Severity, Status

DATASET = "wardwatch.device"
_AFTERMATH_S = 300.0
_ALERTING = {Status.DOWN: Severity.HIGH, Status.DEGRADED: Severity.MEDIUM}
_ANSWER_MS, _TIMEOUT_MS = 12.0, 5000.0


def status_documents(inventory: Inventory, outages: Sequence[Outage], start: datetime) -> Iterator[
    tuple[datetime, dict[str, Any]]
]:  # fmt: skip
    """What the outage detector says while all linked or failing devices are polled each minute, as ECS documents."""
    settings, topology = OutageSettings(), Topology(inventory)
    detector = OutageDetector((), inventory, topology, lambda _device: None, settings)
    fleet = {outage.device for outage in outages} | {
        end for link in inventory.links.values() for end in (link.upstream, link.downstream)
    }
    interval_s = settings.interval.total_seconds()
    last_s = max(outage.until_s for outage in outages) + _AFTERMATH_S
    for number in range(int(last_s / interval_s) + 1):
        at_s = number * interval_s
        at = start + timedelta(seconds=at_s)
        current = [outage for outage in outages if outage.at_s <= at_s < outage.until_s]
        answering = _answering(inventory, topology, current)
        outcomes = [_outcome(inventory, device, at, device in answering) for device in sorted(fleet)]
        blocks = _ports(inventory, current, answering, at)
        for change in detector.observe((), blocks, outcomes)[1]:
            if number:
                yield at, _document(inventory, change)


def _answering(inventory: Inventory, topology: Topology, current: Sequence[Outage]) -> set[str]:
    """The devices that some path of working devices and lines leads to."""
    down = {outage.device for outage in current if outage.downstream is None}
    cut = {(outage.device, outage.downstream) for outage in current if outage.downstream is not None}
    waiting = [device for device in inventory.devices if not topology.upstream_of(device) and device not in down]
    reached = set(waiting)
    while waiting:
        at = waiting.pop()
        below = [one for one in topology.downstream_of(at) if (at, one) not in cut and one not in down]
        waiting += [one for one in below if one not in reached]
        reached.update(below)
    return reached


def _outcome(inventory: Inventory, device: str, at: datetime, answers: bool) -> PollOutcome:
    outcome, took_ms = (Outcome.OK, _ANSWER_MS) if answers else (Outcome.TIMEOUT, _TIMEOUT_MS)
    return PollOutcome(device, inventory.devices[device].unit, at, outcome, took_ms)


def _ports(inventory: Inventory, current: Sequence[Outage], answering: set[str], at: datetime) -> Iterator[SampleBlock]:
    """The ports of lines, as their upstream devices count them."""
    cut = {(outage.device, outage.downstream) for outage in current}
    for link in inventory.links.values():
        if link.upstream in answering and link.upstream_port is not None:
            state = DOWN if (link.upstream, link.downstream) in cut else UP
            columns: dict[str, tuple[float | None, ...]] = {"admin": (UP,), "oper": (state,)}
            unit = inventory.devices[link.upstream].unit
            yield SampleBlock("interface", link.upstream, unit, at, (link.upstream_port,), columns)


def _document(inventory: Inventory, change: StatusChange) -> dict[str, Any]:
    after = change.after
    device = inventory.devices[after.device]
    severity = _ALERTING.get(after.status)
    told: dict[str, Any] = {"device": after.device, "status": after.status.value, "behind": after.behind}
    return {
        "event": {
            "kind": "alert" if severity else "event",
            "category": ["host"],
            "type": ["error" if severity else "info"],
            "module": "wardwatch",
            "dataset": DATASET,
            "action": f"device-{after.status.value}",
        },
        "@timestamp": stamp(after.checked_at),
        "ecs": ECS,
        "message": f"{device.name}: {after.cause.vi} / {after.cause.en}",
        "rule": {"id": f"device.{after.status.value}", "name": f"Device is {after.status.value}", "category": "device"},
        "observer": {"name": device.name, "ip": device.address},
        "source": {"ip": device.address},
        "wardwatch": told | ({"severity": severity.value} if severity else {}),
    }
