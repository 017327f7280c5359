"""Carries what an inject tells down the path of real messages: the mappers of syslog and traps, the outage detector,
the checks of services. What comes out are the events an installation would have, in order of time."""

import hashlib
import json
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from collectors.reception.gathering import Mapped, Received
from collectors.reception.senders import Sender, Senders
from collectors.services.telling import certificate_change_of
from collectors.syslog.mapper import SyslogMapper
from collectors.syslog.vendor_documents import Rules, load_rules
from collectors.traps.ber import Malformed
from collectors.traps.catalogue_documents import Catalogue, load_catalogue
from collectors.traps.mapper import TrapMapper, Unpacked
from drills.scenario import Scenario, schedule, unreachable_offline
from drills.telemetry.actions import TELLING
from drills.telemetry.polling import status_documents
from drills.telemetry.told import CertificateSeen, Message, Outage, Told, Wish
from wardwatch.ecs import event_of
from wardwatch.errors import UserError
from wardwatch.model.checks import Certificate, CheckResult
from wardwatch.model.inventory import Check, Device, DeviceRole, Inventory, Link, Service, Unit
from wardwatch.model.records import Event, Position
from wardwatch.model.text import NO_WORDS

UNIT = "drill"
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What was told and what came of it; `sha256` is of all that was told, None when nothing was. `sent` has the first
    and last second of each inject, and how many things it told."""

    told: Sequence[Told] = ()
    events: Sequence[Event] = ()
    sha256: str | None = None

    @property
    def sent(self) -> dict[str, tuple[float, float, int]]:
        found: dict[str, tuple[float, float, int]] = {}
        for one in self.told:
            first, last, times = found.get(one.inject, (one.at_s, one.at_s, 0))
            until = one.until_s if isinstance(one, Outage) else one.at_s
            found[one.inject] = (min(first, one.at_s), max(last, until), times + 1)
        return found


def telemetry(scenario: Scenario, seed: int, start: datetime) -> Telemetry:
    """All of a scenario, from its first instant. The same seed tells the same. Raises `UserError` for an inject that
    cannot be told."""
    starts, left_out = schedule(scenario), unreachable_offline(scenario)
    told: list[Told] = []
    for inject in scenario.injects:
        if inject.action in TELLING and inject.id not in left_out:
            chance = random.Random(f"{seed}/{inject.id}")
            wish = Wish(inject, scenario, starts[inject.id].total_seconds(), start, chance)
            told += TELLING[inject.action](wish)
    if not told:
        return Telemetry()
    _check_bounds(scenario, told)
    told.sort(key=lambda one: one.at_s)
    written = "\n".join(json.dumps(asdict(one), default=bytes.hex, sort_keys=True) for one in told)
    digest = hashlib.sha256(written.encode()).hexdigest()
    return Telemetry(told, _events(scenario, told, start, digest), digest)


def _check_bounds(scenario: Scenario, told: Sequence[Told]) -> None:
    longest_s = scenario.safety.max_duration.total_seconds()
    for one in told:
        if one.at_s > longest_s:
            raise UserError(f"inject '{one.inject}' tells something later than safety.max_duration allows")


def _events(scenario: Scenario, told: Sequence[Told], start: datetime, digest: str) -> list[Event]:
    inventory = _inventory(scenario)
    source = str(uuid.uuid5(uuid.NAMESPACE_URL, f"wardwatch:drill:told:{digest}"))
    events = [*_messages(inventory, [one for one in told if isinstance(one, Message)], start, source)]
    documents: list[tuple[datetime, dict[str, Any]]] = []
    if outages := [one for one in told if isinstance(one, Outage)]:
        documents += status_documents(inventory, outages, start)
    for number, (at, document) in enumerate(documents, len(told)):
        events.append(event_of(Position(source, number), at, (UNIT,), document, json.dumps(document)))
    for number, seen in enumerate(
        (one for one in told if isinstance(one, CertificateSeen)), len(told) + len(documents)
    ):
        events.append(_certificate(scenario, seen, start, Position(source, number)))
    return sorted(events, key=lambda event: event.at)


def _messages(inventory: Inventory, messages: Sequence[Message], start: datetime, source: str) -> Iterator[Event]:
    syslog = SyslogMapper(_rules(), _ZONE)
    traps = TrapMapper(_catalogue(), _OnlyV2())
    senders = Senders(inventory)
    for number, message in enumerate(messages):
        sender: Sender | None = senders.find(inventory.devices[message.device].address)
        assert sender is not None, "every host is a device"
        received = Received(message.data, sender, start + timedelta(seconds=message.at_s))
        mapper = syslog if message.kind == "syslog" else traps
        mapped: Mapped = mapper.map([(Position(source, number), received)])
        for rejected in mapped.rejected:
            raise UserError(f"inject '{message.inject}' tells what no receiver takes: {rejected.reason}")
        yield from mapped.events


class _OnlyV2:
    """Drills tell no v3: its users and engines are those of an installation."""

    def unpack(self, data: bytes, sender: Sender) -> Unpacked:
        raise Malformed("drills send no v3")


@cache
def _rules() -> Rules:
    return load_rules()


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


def _inventory(scenario: Scenario) -> Inventory:
    """The drill's hosts as devices of one unit, joined by the scenario's lines."""
    devices: Mapping[str, Device] = {
        name: Device(name, name, DeviceRole.ROUTER, UNIT, UNIT, UNIT, address)
        for name, address in scenario.hosts.items()
    }
    links = {
        f"link-{number}": Link(f"link-{number}", link.upstream, link.downstream, link.port)
        for number, link in enumerate(scenario.links)
    }
    return Inventory(units={UNIT: Unit(UNIT, "Diễn tập", "drill", UNIT)}, devices=dict(devices), links=links)


def _certificate(scenario: Scenario, seen: CertificateSeen, start: datetime, position: Position) -> Event:
    at = start + timedelta(seconds=seen.at_s)
    address = scenario.hosts[seen.host]
    service = Service(seen.host, seen.host, "public-service", UNIT, level=3, addresses=(address,))
    check = Check(f"{seen.host}-https", seen.host, "https", address)
    names = (f"{seen.host}.drill.test",)
    valid_to = at + timedelta(days=seen.days)
    shown = Certificate(f"CN={names[0]}", "CN=drill", "1", names, valid_to - timedelta(days=365), valid_to)
    result = CheckResult(check.id, service.id, at, seen.days > 0, 40.0, (), NO_WORDS, shown)
    late = seen.days < check.certificate_days
    return certificate_change_of(result, check, service, position, late)
