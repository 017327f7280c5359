"""Notifications as ECS events (docs/reception.md)."""

import base64
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from collectors.reception.documents import ECS, place, stamp
from collectors.reception.gathering import Mapped, Received
from collectors.reception.senders import Sender
from collectors.traps.ber import Malformed
from collectors.traps.catalogue_documents import Catalogue, Meaning
from collectors.traps.naming import Namer, Variable
from collectors.traps.notification import V3, Notification, decode, version_of
from wardwatch.ecs import event_of
from wardwatch.model.records import Event, Position, Rejected

_PLAIN: dict[str, Any] = {
    "kind": "event",
    "category": ["host"],
    "type": ["info"],
    "module": "snmptrap",
    "dataset": "snmptrap.trap",
}
_INTERFACE = ("ifName", "ifDescr", "ifAlias")
_UPTIME_HZ = 100
_LONGEST_MESSAGE = 2000


class Unpacked(Protocol):
    """What came of a v3 message: a notification, an answer, or neither; `refused` says why not."""

    @property
    def notification(self) -> Notification | None: ...

    @property
    def answer(self) -> bytes | None: ...

    @property
    def refused(self) -> str | None: ...


class Opener(Protocol):
    """Opens v3 messages."""

    def unpack(self, data: bytes, sender: Sender) -> Unpacked: ...


class TrapMapper:
    """Not thread-safe. Community strings are blanked in the original that is kept: they open devices."""

    def __init__(self, catalogue: Catalogue, v3: Opener) -> None:
        self._meanings = catalogue.meanings
        self._names = catalogue.names
        self._namer = Namer(catalogue)
        self._v3 = v3
        self._before: list[Callable[[], None]] = []

    def before_next(self, change: Callable[[], None]) -> None:
        """Has something done between two batches, in whatever thread they are mapped."""
        self._before.append(change)

    def map(self, messages: Sequence[tuple[Position, Received]]) -> Mapped:
        while self._before:
            self._before.pop(0)()
        mapped = Mapped()
        for position, message in messages:
            self._one(position, message, mapped)
        return mapped

    def _one(self, position: Position, message: Received, mapped: Mapped) -> None:
        data, sender = message.data, message.sender
        try:
            notification, answer, refused = self._notification(data, sender)
            if answer is not None and message.answer is not None:
                mapped.answers.append((message.answer, answer))
            if refused is not None:
                raise Malformed(refused)
            if notification is None:
                # A peer that asks for our engine's id: nothing that happened anywhere.
                mapped.passed += 1
            else:
                mapped.events.append(self._event(position, message, notification))
        except Malformed as error:
            reason = f"the datagram from {sender.address} is no notification: {error}"
            mapped.rejected.append(Rejected(position, message.at, reason, _kept(data)))
        except Exception as error:
            # A datagram nobody foresaw must not stop the others: it is kept whole and counted as rejected.
            reason = f"the mapping of a datagram from {sender.address} failed, please report it: {error!r}"
            mapped.rejected.append(Rejected(position, message.at, reason, _kept(data)))

    def _notification(self, data: bytes, sender: Sender) -> tuple[Notification | None, bytes | None, str | None]:
        """The notification, what its sender is to be answered, and why it is refused."""
        if version_of(data) != V3:
            found = decode(data)
            return found, found.answer, None
        unpacked = self._v3.unpack(data, sender)
        return unpacked.notification, unpacked.answer, unpacked.refused

    def _event(self, position: Position, message: Received, said: Notification) -> Event:
        sender = message.sender
        variables = self._namer.variables(said.varbinds)
        values = _values(variables)
        document: dict[str, Any] = {
            "event": _PLAIN,
            "@timestamp": stamp(message.at),
            "ecs": ECS,
            "observer": {"name": sender.name, "ip": sender.address},
            "wardwatch": {},
            "related": {"ip": [sender.address]},
            "snmp": _snmp(said, variables),
        }
        meaning = self._meaning(said.oid, values)
        name = said.oid
        if meaning is None:
            name = self._names.get(said.oid) or self._namer.name_of(said.oid)
            document["event"] = {**_PLAIN, "action": name}
        else:
            name = meaning.name
            meaning.finding.describe(document, values)
        document["snmp"]["trap"]["name"] = name
        if vendor := (meaning.vendor if meaning is not None else None) or sender.vendor:
            document["observer"]["vendor"] = vendor
        if "interface" in values:
            document["observer"]["ingress"] = {"interface": {"name": values["interface"]}}
        place(document, sender, is_source=True)
        words = document["wardwatch"].get("words")
        document["message"] = words["en"] if words else _listed(name, variables)
        return event_of(position, message.at, sender.units, document, _original(message.data, said))

    def _meaning(self, oid: str, values: dict[str, str]) -> Meaning | None:
        for meaning in self._meanings.get(oid, ()):
            if meaning.fits(values):
                return meaning
        return None


def _values(variables: Sequence[Variable]) -> dict[str, str]:
    """By the names of objects; the row of the first named one that has any, and the best name of an interface."""
    values: dict[str, str] = {}
    for variable in variables:
        values.setdefault(variable.name, variable.value)
        if variable.row and variable.row != "0":
            values.setdefault("index", variable.row)
    for name in _INTERFACE:
        if said := values.get(name):
            values["interface"] = said
            break
    else:
        if index := values.get("ifIndex"):
            values["interface"] = index
    return values


def _snmp(said: Notification, variables: Sequence[Variable]) -> dict[str, Any]:
    found: dict[str, Any] = {"version": said.version, "trap": {"oid": said.oid}}
    if said.uptime_ticks is not None:
        found["uptime_s"] = said.uptime_ticks / _UPTIME_HZ
    if said.user is not None:
        found["user"] = said.user
    found["varbinds"] = [
        {"oid": each.oid, "name": f"{each.name}.{each.row}" if each.row else each.name, "value": each.value}
        for each in variables
    ]
    return found


def _listed(name: str, variables: Sequence[Variable]) -> str:
    listed = ", ".join(f"{each.name}={each.value}" for each in variables)
    return (f"{name}: {listed}" if listed else name)[:_LONGEST_MESSAGE]


def _original(data: bytes, said: Notification) -> str:
    begin, end = said.community
    return _kept(data[:begin] + b"*" * (end - begin) + data[end:])


def _kept(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
