"""Lines of syslog as ECS events (docs/reception.md)."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Any

from collectors.reception.documents import ECS, original_of, place, stamp
from collectors.reception.gathering import Mapped, Received
from collectors.syslog.families import Known, family_of
from collectors.syslog.fields import describe, moment_of_pairs, values_of_pairs
from collectors.syslog.message import Line, parse
from collectors.syslog.stamps import Stamps
from collectors.syslog.vendor_documents import Rule, Rules
from wardwatch.ecs import event_of
from wardwatch.model.records import Event, Position, Rejected

LEVELS = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
FACILITIES = (
    "kernel user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock "
    "local0 local1 local2 local3 local4 local5 local6 local7"
).split()
_ENDS = b"\r\n\0"
_SAME = timedelta(seconds=1)
_PLAIN: dict[str, Any] = {
    "kind": "event",
    "category": ["host"],
    "type": ["info"],
    "module": "syslog",
    "dataset": "syslog.other",
}


def _priorities() -> list[dict[str, Any]]:
    return [
        {
            "priority": number,
            "facility": {"code": number >> 3, "name": FACILITIES[number >> 3]},
            "severity": {"code": number & 7, "name": LEVELS[number & 7]},
        }
        for number in range(192)
    ]


_PRIORITIES = _priorities()


class SyslogMapper:
    """Not thread-safe. `zone` is where devices that name none are."""

    def __init__(self, rules: Rules, zone: tzinfo) -> None:
        self._rules = rules
        self._zone = zone

    def map(self, messages: Sequence[tuple[Position, Received]]) -> Mapped:
        mapped = Mapped()
        stamps: Stamps | None = None
        for position, message in messages:
            if stamps is None or message.at - stamps.now > _SAME:
                stamps = Stamps(message.at, self._zone)
            outcome = self._one(position, message, stamps)
            if isinstance(outcome, Event):
                mapped.events.append(outcome)
            else:
                mapped.rejected.append(outcome)
        return mapped

    def _one(self, position: Position, message: Received, stamps: Stamps) -> Event | Rejected:
        data = message.data.rstrip(_ENDS)
        text, broken = original_of(data)
        try:
            line = parse(text, stamps)
            if line is None:
                reason = f"the line from {message.sender.address} has no priority <0> to <191>"
                return Rejected(position, message.at, reason, text)
            return self._event(position, message, line, stamps, text, broken)
        except Exception as error:
            # A line nobody foresaw must not stop the others: it is kept whole and counted as rejected.
            return Rejected(position, message.at, f"the mapping failed, please report it: {error!r}", text)

    def _event(
        self, position: Position, message: Received, line: Line, stamps: Stamps, text: str, broken: str | None
    ) -> Event:
        sender, known = message.sender, family_of(line)
        said = line.at
        if said is None and known is not None and known.pairs is not None:
            said = moment_of_pairs(known.pairs, stamps)
        at = said or message.at
        product: dict[str, Any] = {}
        observer: dict[str, Any] = {"name": line.host or sender.name, "ip": sender.address}
        document: dict[str, Any] = {
            "event": _PLAIN.copy(),
            "@timestamp": stamp(at),
            "ecs": ECS,
            "log": _log(line),
            "observer": observer,
            "wardwatch": product,
        }
        elsewhere = False
        if known is not None:
            elsewhere = self._describe(known, document, sender.address)
        if "related" not in document:
            document["related"] = {"ip": [sender.address]}
        place(document, sender, is_source=not elsewhere)
        if said is None:
            product["time_from"] = "reception"
        if broken is not None:
            product["original_base64"] = broken
        document["message"] = line.message or text
        return event_of(position, at, sender.units, document, text)

    def _describe(self, known: Known, document: dict[str, Any], sender: str) -> bool:
        """Fills what the vendor's rules say; whether the event's source is somebody else than the sender."""
        document["event"]["dataset"] = f"syslog.{known.family}"
        rule, values = self._found(known)
        if rule is None:
            return False
        rule.finding.describe(document, values)
        document["observer"].update(rule.observer)
        return describe(document, values, sender)

    def _found(self, known: Known) -> tuple[Rule | None, dict[str, str]]:
        for key in known.keys:
            for rule in self._rules.get((known.family, key), ()):
                values = rule.match(known.message, known.pairs)
                if values is not None:
                    return rule, (values_of_pairs(known.pairs) | values if known.pairs else values)
        return None, {}


def _log(line: Line) -> dict[str, Any]:
    said = {
        "hostname": line.host,
        "appname": line.program,
        "procid": line.process,
        "msgid": line.message_id,
        "structured_data": line.structured,
    }
    named = {name: value for name, value in said.items() if value is not None}
    return {"level": LEVELS[line.priority & 7], "syslog": _PRIORITIES[line.priority] | named}
