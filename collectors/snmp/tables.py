"""From raw columns to what the city knows: ports, system facts and samples. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern

from gufo.snmp import ValueType

from collectors.snmp.oids import ENTITY, IF_STATUS, SYSTEM
from collectors.snmp.rates import RateTable, ceilings
from collectors.snmp.walk import Rows
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import SampleBlock
from wardwatch.model.text import nfc

Row = dict[str, str | int | float | bool | None]
Reals = tuple[float | None, ...]

GAUGE32_FULL = 2**32 - 1
"""RFC 2863 ifSpeed of a port faster than that: ifHighSpeed tells then."""

VERSION = re.compile(r"\bversion[:\s]+v?([^\s,;]+)", re.IGNORECASE)


def text(value: ValueType) -> str:
    """An octet string as text: UTF-8, else Latin-1; up to the first NUL, in one line's worth of characters, NFC."""
    if isinstance(value, bytes):
        octets = value.split(b"\0", 1)[0]
        try:
            value = octets.decode()
        except UnicodeDecodeError:
            value = octets.decode("latin-1")
    return nfc("".join(c if c.isprintable() or c in "\r\n\t" else " " for c in str(value))) if value is not None else ""


def whole(value: ValueType) -> int | None:
    """A number, or None where an agent sent something else in its place."""
    return value if type(value) is int else None


@dataclass(frozen=True, slots=True)
class Port:
    """What changes rarely about one interface. Kept of every port of a city, so without a dict; a text that the agent
    repeats (its name as its description, the same names on every switch of a model) is kept once."""

    index: int
    name: str
    descr: str
    alias: str
    type: int | None
    mtu: int | None
    mac: str | None
    speed_bps: int | None

    def facts(self, admin: int | None, oper: int | None) -> Row:
        """Its row of the facts `interfaces`, with the states of this round."""
        return {
            "index": self.index,
            "name": self.name,
            "descr": self.descr,
            "alias": self.alias,
            "type": self.type,
            "mtu": self.mtu,
            "mac": self.mac,
            "speed_bps": self.speed_bps,
            "oper": IF_STATUS.get(oper or 0),
            "admin": IF_STATUS.get(admin or 0),
        }


@dataclass(frozen=True, slots=True)
class Ports:
    """What changes rarely about the interfaces of a device, by row of `index`."""

    index: tuple[str, ...]
    names: tuple[str, ...]
    speeds_bps: Reals
    most_bps: tuple[float, ...]
    rows: tuple[Port, ...]

    def facts(self, admin: tuple[int | None, ...], oper: tuple[int | None, ...]) -> tuple[Row, ...]:
        """The rows of the facts `interfaces`, with the states of this round."""
        states = zip(self.rows, admin, oper, strict=True)
        return tuple(port.facts(wanted, up) for port, wanted, up in states)


def every_index(*columns: Rows) -> tuple[str, ...]:
    """All ifIndexes that any of the columns has, in numeric order: agents leave rows out of single columns."""
    found = {suffix for column in columns for suffix in column.suffixes if suffix.isdecimal()}
    return tuple(map(intern, sorted(found, key=int)))


def ports(index: tuple[str, ...], columns: Mapping[str, Rows]) -> Ports:
    """The ports from their static columns (by MIB name)."""
    aligned = {name: rows.aligned(index) for name, rows in columns.items()}
    rows = tuple(
        _port(suffix, {name: values[place] for name, values in aligned.items()}) for place, suffix in enumerate(index)
    )
    speeds: Reals = tuple([None if row.speed_bps is None else float(row.speed_bps) for row in rows])
    return Ports(index, tuple([row.name for row in rows]), speeds, ceilings(speeds, [row.type for row in rows]), rows)


def _port(suffix: str, values: Mapping[str, ValueType]) -> Port:
    descr = intern(text(values["ifDescr"]))
    mac = values["ifPhysAddress"]
    return Port(
        index=int(suffix),
        name=intern(text(values["ifName"]) or descr or suffix),
        descr=descr,
        alias=text(values["ifAlias"]),
        type=whole(values["ifType"]),
        mtu=whole(values["ifMtu"]),
        mac=mac.hex() if isinstance(mac, bytes) and len(mac) == 6 else None,
        speed_bps=speed_bps(whole(values["ifSpeed"]), whole(values["ifHighSpeed"])),
    )


def speed_bps(speed: int | None, high_speed: int | None) -> int | None:
    """RFC 2863: ifHighSpeed (Mbit/s) for what ifSpeed (bit/s) cannot say; None where neither knows."""
    if high_speed and (not speed or speed == GAUGE32_FULL or high_speed * 1_000_000 > GAUGE32_FULL):
        return high_speed * 1_000_000
    return speed or None


def system_facts(scalars: Mapping[str, ValueType], chassis: Mapping[str, ValueType]) -> Row:
    """The facts `system` from SNMPv2-MIB and ENTITY-MIB, by OID and by ENTITY column name."""
    known = {name: text(scalars.get(column.oid)) for name, column in SYSTEM.items() if name != "sysUpTime"}
    entity = {name: text(chassis.get(name)) for name in ENTITY}
    stated = VERSION.search(known["sysDescr"])
    version = entity["entPhysicalSoftwareRev"] or (stated.group(1) if stated else "")
    return {
        "sys_descr": known["sysDescr"],
        "sys_object_id": known["sysObjectID"],
        "sys_name": known["sysName"],
        "sys_location": known["sysLocation"],
        "sys_contact": known["sysContact"],
        "manufacturer": entity["entPhysicalMfgName"] or None,
        "hardware": entity["entPhysicalModelName"] or entity["entPhysicalDescr"] or None,
        "version": version or None,
        "serial": entity["entPhysicalSerialNum"] or None,
    }


def interface_block(
    device: str,
    unit: str,
    at: datetime,
    found: Ports,
    admin: tuple[int | None, ...],
    oper: tuple[int | None, ...],
    rates: RateTable,
) -> SampleBlock:
    """The samples `interface` of one round."""
    rate = rates.columns
    in_bps = _times(rate["in_octets"], 8.0)
    out_bps = _times(rate["out_octets"], 8.0)
    columns: dict[str, Reals] = {
        "in_bps": in_bps,
        "out_bps": out_bps,
        "in_packets_ps": _sum(rate["in_unicast"], rate["in_multicast"], rate["in_broadcast"]),
        "out_packets_ps": _sum(rate["out_unicast"], rate["out_multicast"], rate["out_broadcast"]),
        "in_errors_ps": rate["in_errors"],
        "out_errors_ps": rate["out_errors"],
        "in_discards_ps": rate["in_discards"],
        "out_discards_ps": rate["out_discards"],
        "utilisation_pct": _utilisation(in_bps, out_bps, found.speeds_bps),
        "oper": oper,
        "admin": admin,
        "speed_bps": found.speeds_bps,
    }
    return SampleBlock("interface", device, unit, at, found.index, columns)


def device_block(
    device: str,
    unit: str,
    at: datetime,
    up: bool,
    poll_ms: float,
    varbinds: int,
    uptime_s: float | None,
    ports_up: int | None,
) -> SampleBlock:
    """The one-row samples `device` of one round."""
    values = (float(up), poll_ms, float(varbinds), uptime_s, None if ports_up is None else float(ports_up))
    names = MEASUREMENTS["device"].columns
    return SampleBlock("device", device, unit, at, ("",), {n: (v,) for n, v in zip(names, values, strict=True)})


def _times(values: Reals, factor: float) -> Reals:
    try:
        return tuple([value * factor for value in values])  # type: ignore[operator]
    except TypeError:
        return tuple([None if value is None else value * factor for value in values])


def _sum(first: Reals, *others: Reals) -> Reals:
    """Row sums of the parts that are known; None where the first (unicast) is not."""
    try:
        return tuple(map(sum, zip(first, *others, strict=True)))
    except TypeError:
        return tuple(
            [
                None if row[0] is None else sum(part for part in row if part is not None)
                for row in zip(first, *others, strict=True)
            ]
        )


def _utilisation(in_bps: Reals, out_bps: Reals, speeds_bps: Reals) -> Reals:
    """Percent of the speed in the busier direction."""
    try:
        both = zip(in_bps, out_bps, speeds_bps, strict=True)
        return tuple([(i if i > o else o) * 100.0 / speed for i, o, speed in both])  # type: ignore[operator]
    except TypeError:
        return tuple(
            [
                None if speed is None or (i is None and o is None) else max(i or 0.0, o or 0.0) * 100.0 / speed
                for i, o, speed in zip(in_bps, out_bps, speeds_bps, strict=True)
            ]
        )
