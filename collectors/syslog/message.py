"""One line of syslog taken apart: RFC 5424, RFC 3164, and what devices send in place of them.

Nothing is refused that has a priority: what cannot be told apart stays in the message. Only the first line decides;
line ends inside a message are part of it.
"""

import re
from datetime import datetime
from typing import NamedTuple

from collectors.syslog.stamps import Stamps

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_5424 = re.compile(r"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) ?", re.ASCII)
_STRUCTURED = re.compile(r'(?:-|(?:\[[^ \]="]{1,64}(?: [^ \]="]{1,64}="(?:[^"\\]|\\.)*")*\])+)(?: |$)', re.DOTALL)
_PARAMETER = re.compile(r'(?:\[([^ \]="]{1,64}))|(?: ([^ \]="]{1,64})="((?:[^"\\]|\\.)*)")', re.DOTALL)
_BSD = re.compile(
    # priority; a sequence number and a name before the time, as Cisco writes them
    r"<(?P<pri>\d{1,3})>(?:\d{1,10}: )?(?:(?P<origin>[\w.\-/]{1,64}?) ?: ?)?:? ?"
    r"(?:[*.]?(?:(?P<y1>\d{4}) )?(?P<month>" + _MONTHS + r") {1,2}(?P<day>\d{1,2}) (?:(?P<y2>\d{4}) )?"
    r"(?P<clock>\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: (?P<y3>\d{4})(?=[ :]))?"
    r"(?:(?P<zone>[+-]\d\d:?\d\d)| (?P<named>[A-Z]{2,5})(?= ?:))?"
    r"|(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*))"
    r"(?P<colon> ?: ?)? *",
    re.ASCII,
)
_PRIORITY = re.compile(r"<(\d{1,3})>", re.ASCII)
_HOST = re.compile(r"([\w.\-:/]{1,255}?)(?: : | (?=[%\w\-.(/\[]))", re.ASCII)
_TAG = re.compile(r"([\w./\-]{1,48})(?:\[(\d{1,10})\])?: ?", re.ASCII)
_ESCAPED = re.compile(r"\\([\"\\\]])")
_HIGHEST = 191
_NIL = "-"


class Line(NamedTuple):
    """What a line says of itself; None for what it does not say. `structured` is RFC 5424's data by element."""

    priority: int
    at: datetime | None
    host: str | None
    program: str | None
    process: str | None
    message_id: str | None
    structured: dict[str, dict[str, str]] | None
    message: str


def parse(text: str, stamps: Stamps) -> Line | None:
    """The parts of a line; None for one that has no priority."""
    found = _5424.match(text)
    if found is not None:
        return _parse_5424(text, found, stamps)
    bsd = _BSD.match(text)
    if bsd is not None:
        return _parse_bsd(text, bsd, stamps)
    plain = _PRIORITY.match(text)
    if plain is None or int(plain[1]) > _HIGHEST:
        return None
    return Line(int(plain[1]), None, None, *_program(text[plain.end() :]))


def _parse_5424(text: str, found: re.Match[str], stamps: Stamps) -> Line | None:
    priority, stamp, host, program, process, message_id = found.groups()
    if int(priority) > _HIGHEST:
        return None
    at = None if stamp == _NIL else stamps.iso(stamp)
    data = _STRUCTURED.match(text, found.end())
    structured = None
    end = found.end()
    if data is not None:
        end = data.end()
        if text[data.start()] != _NIL:
            structured = _elements(data[0])
    message = text[end:].removeprefix("\ufeff")
    return Line(int(priority), at, _said(host), _said(program), _said(process), _said(message_id), structured, message)


def _parse_bsd(text: str, found: re.Match[str], stamps: Stamps) -> Line | None:
    priority, origin, year, month, day, year2, clock, year3, zone, named, iso, colon = found.groups()
    if int(priority) > _HIGHEST:
        return None
    if iso is not None:
        at = stamps.iso(iso.removesuffix(":"))
        colon = colon or (":" if iso.endswith(":") else None)
    else:
        at = stamps.bsd(month, day, clock, year or year2 or year3, zone or named)
    start, host = found.end(), origin
    if colon is None and host is None:
        named_host = _HOST.match(text, start)
        if named_host is not None:
            host, start = named_host[1], named_host.end()
    return Line(int(priority), at, host, *_program(text[start:]))


def _program(message: str) -> tuple[str | None, str | None, None, None, str]:
    """Program, process, and the message behind them. What begins with `%` is a message's own name."""
    tag = _TAG.match(message)
    if tag is None:
        return None, None, None, None, message
    return tag[1], tag[2], None, None, message[tag.end() :]


def _elements(text: str) -> dict[str, dict[str, str]]:
    elements: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for element, name, value in _PARAMETER.findall(text):
        if element:
            current = elements.setdefault(element, {})
        else:
            current[name] = _ESCAPED.sub(r"\1", value) if "\\" in value else value
    return elements


def _said(word: str) -> str | None:
    return None if word == _NIL else word
