"""Whose message it is, by its form alone: the family and the names by which its rules are found."""

import re
from typing import NamedTuple

from collectors.syslog.message import Line

_CISCO = re.compile(r"%([A-Z][A-Z0-9_]*(?:-[A-Z][A-Z0-9_]*)*)-(?:\d{1,3}-)?[0-7]-([A-Z0-9_]+)", re.ASCII)
_SLASHED = re.compile(r"%%(\d\d)([\w-]+)/\d/(\w+)", re.ASCII)
_JUNOS = re.compile(r"(?:%[\w-]+: )?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:$|[:( ])", re.ASCII)
_TOPICS = re.compile(r"([a-z0-9-]+(?:,!?[a-z0-9-]+)+) ", re.ASCII)
_PAIRS = re.compile(r'([\w.\-]{1,64})=(?:"([^"]*)"|([^\s",]*))', re.ASCII)
_HUAWEI = "01"


class Known(NamedTuple):
    """A message's family, the names to look its rules up by, its text, and the pairs of a key=value line."""

    family: str
    keys: tuple[str, ...]
    message: str
    pairs: dict[str, str] | None = None


def family_of(line: Line) -> Known | None:
    """None for a message that has no form of a vendor's."""
    message = line.message
    if "%" in message:
        if (found := _SLASHED.search(message)) is not None:
            family = "vrp" if found[1] == _HUAWEI else "comware"
            return Known(family, (f"{found[2]}/{found[3]}",), message)
        if (found := _CISCO.search(message)) is not None:
            facility = "ASA" if found[1] == "FTD" else found[1]
            return Known("cisco", (f"{facility}-{found[2]}",), message)
    if message.startswith(("date=", "devname=", "logver=", "logid=", "timestamp=")) and "logid=" in message:
        return _fortigate(message)
    if line.program is None:
        if (found := _TOPICS.match(message)) is not None:
            return Known("routeros", tuple(found[1].split(",")), message[found.end() :])
        return None
    return _of_program(line, line.program)


def _of_program(line: Line, program: str) -> Known | None:
    message = line.message
    if line.message_id is not None and line.structured and any(name.startswith("junos@") for name in line.structured):
        return Known("junos", (line.message_id,), message)
    if (found := _JUNOS.match(message)) is not None:
        return Known("junos", (found[1],), message)
    return Known("linux", (program,), message)


def _fortigate(message: str) -> Known:
    pairs = {key: quoted or plain for key, quoted, plain in _PAIRS.findall(message)}
    keys = (pairs.get("logid", "")[-6:], f"{pairs.get('type', '')}/{pairs.get('subtype', '')}")
    return Known("fortigate", keys, message, pairs)
