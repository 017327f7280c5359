"""What both engines must understand of a question in the same way: keys, cursors, measurements and steps."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import orjson

from wardwatch.errors import UserError
from wardwatch.model.measurements import MEASUREMENTS, Measurement
from wardwatch.model.queries import TotalsQuery

MAX_PAGE = 10_000
UNITS = "units"
"""The one key that is no ECS key: the units of either end, as the event was enriched."""

ADDRESSES: tuple[str, ...] = ("source.ip", "destination.ip", "related.ip", "dns.resolved_ip")
"""ECS keys that hold addresses: the forms of one address are one value, however a record writes it."""

_KEY = re.compile(r"[A-Za-z0-9_@-]+(\.[A-Za-z0-9_@-]+)*")
MAX_OFFSET = 2**63 - 1

Place = tuple[datetime, str, int]
"""Where an event stands in the order of pages: time, source, offset."""


def checked_key(key: str) -> str:
    """The key itself. Raises `UserError` for one that is no dotted word."""
    if not _KEY.fullmatch(key):
        raise UserError(
            f"{key!r} is no field name", "use letters, digits, _ and - joined by dots, as in rule.name or source.ip"
        )
    return key


def address_forms(value: str) -> tuple[str, ...]:
    """The forms in which one address may stand in a record: as asked, short, whole, IPv4 and IPv4-mapped."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return (value,)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    plain = mapped or address
    if plain.version == 6 and "%" in value:
        return (value,)
    longer = ipaddress.IPv6Address(f"::ffff:{plain}") if plain.version == 4 else plain
    forms = (value, str(plain), str(longer), longer.exploded, f"::ffff:{plain}" if plain.version == 4 else str(plain))
    return tuple(dict.fromkeys(forms))


def short_address(value: str) -> str:
    """An address in its shortest form, the IPv4 one if it is mapped; any other text as it is."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return value
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def by_number(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts, most first."""
    return dict(sorted(counts.items(), key=lambda counted: (-counted[1], counted[0])))


def asked_measurement(name: str, columns: Sequence[str]) -> Measurement:
    """The measurement of a question. Raises `UserError` for one, or a column of it, that does not exist."""
    measurement = MEASUREMENTS.get(name)
    if measurement is None:
        raise UserError(f"there is no measurement {name!r}", f"there are: {', '.join(MEASUREMENTS)}")
    for column in columns:
        if column not in measurement.columns:
            raise UserError(f"{name} has no column {column!r}", f"it has: {', '.join(measurement.columns)}")
    return measurement


def asked_totals(query: TotalsQuery) -> None:
    """Raises `UserError` for sums of what does not exist, or that are kept apart by nothing."""
    asked_measurement(query.measurement, query.columns)
    if not query.by:
        raise UserError("sums need something to be kept apart by", "give one of device, unit and index")


def asked_step_ms(step: timedelta) -> int:
    """The step of a series. Raises `UserError` for one that is not some whole milliseconds."""
    step_ms, rest = divmod(step, timedelta(milliseconds=1))
    if step_ms <= 0 or rest:
        raise UserError(f"a series cannot have steps of {step}", "give a step of whole milliseconds above zero")
    return step_ms


def write_cursor(place: Place) -> str:
    """An opaque cursor after a place in the order."""
    at, source, offset = place
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), source, offset])).decode().rstrip("=")


def read_cursor(cursor: str) -> Place:
    """The place a cursor stands for; raises `UserError` for one that is not ours."""
    try:
        at, source, offset = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(at).astimezone(UTC), source, offset
        if type(source) is str and type(offset) is int and 0 <= offset <= MAX_OFFSET:
            return place
    except (ValueError, TypeError, OverflowError, binascii.Error):
        pass
    raise UserError(f"{cursor!r} is no cursor of an event page", "start again from the first page")
