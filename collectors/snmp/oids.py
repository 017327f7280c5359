"""The objects that are asked for, as data: SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), ENTITY-MIB (RFC 6933).

The SNMP client returns values without their SNMP types, so what a value is follows from this table alone.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a column's values are."""

    INTEGER = "INTEGER"
    GAUGE = "Gauge32"
    TICKS = "TimeTicks"
    COUNTER32 = "Counter32"
    COUNTER64 = "Counter64"
    OCTETS = "OCTET STRING"
    OID = "OBJECT IDENTIFIER"
    TEXT = "DisplayString"


WIRE_BYTES: dict[Kind, int] = {
    Kind.INTEGER: 20,
    Kind.GAUGE: 22,
    Kind.TICKS: 23,
    Kind.COUNTER32: 23,
    Kind.COUNTER64: 25,
    Kind.OCTETS: 26,
    Kind.OID: 40,
    Kind.TEXT: 56,
}
"""About how long one varbind of each is on the wire: the number of repetitions of a GETBULK is chosen by it."""

COUNTER_BITS: dict[Kind, int] = {Kind.COUNTER32: 32, Kind.COUNTER64: 64}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or a scalar (then `oid` ends in .0)."""

    name: str
    oid: str
    kind: Kind


def _columns(entry: str, *columns: tuple[str, int, Kind]) -> dict[str, Column]:
    return {name: Column(name, f"{entry}.{number}", kind) for name, number, kind in columns}


SYSTEM: dict[str, Column] = {
    name: Column(name, f"1.3.6.1.2.1.1.{number}.0", kind)
    for name, number, kind in (
        ("sysDescr", 1, Kind.TEXT),
        ("sysObjectID", 2, Kind.OID),
        ("sysUpTime", 3, Kind.TICKS),
        ("sysContact", 4, Kind.TEXT),
        ("sysName", 5, Kind.TEXT),
        ("sysLocation", 6, Kind.TEXT),
    )
}

SYS_UPTIME = SYSTEM["sysUpTime"]
IF_NUMBER = Column("ifNumber", "1.3.6.1.2.1.2.1.0", Kind.INTEGER)
IF_TABLE_LAST_CHANGE = Column("ifTableLastChange", "1.3.6.1.2.1.31.1.5.0", Kind.TICKS)

IF_TABLE: dict[str, Column] = {
    **_columns(
        "1.3.6.1.2.1.2.2.1",
        ("ifIndex", 1, Kind.INTEGER),
        ("ifDescr", 2, Kind.TEXT),
        ("ifType", 3, Kind.INTEGER),
        ("ifMtu", 4, Kind.INTEGER),
        ("ifSpeed", 5, Kind.GAUGE),
        ("ifPhysAddress", 6, Kind.OCTETS),
        ("ifAdminStatus", 7, Kind.INTEGER),
        ("ifOperStatus", 8, Kind.INTEGER),
        ("ifInOctets", 10, Kind.COUNTER32),
        ("ifInUcastPkts", 11, Kind.COUNTER32),
        ("ifInNUcastPkts", 12, Kind.COUNTER32),
        ("ifInDiscards", 13, Kind.COUNTER32),
        ("ifInErrors", 14, Kind.COUNTER32),
        ("ifOutOctets", 16, Kind.COUNTER32),
        ("ifOutUcastPkts", 17, Kind.COUNTER32),
        ("ifOutNUcastPkts", 18, Kind.COUNTER32),
        ("ifOutDiscards", 19, Kind.COUNTER32),
        ("ifOutErrors", 20, Kind.COUNTER32),
    ),
    **_columns(
        "1.3.6.1.2.1.31.1.1.1",
        ("ifName", 1, Kind.TEXT),
        ("ifInMulticastPkts", 2, Kind.COUNTER32),
        ("ifInBroadcastPkts", 3, Kind.COUNTER32),
        ("ifOutMulticastPkts", 4, Kind.COUNTER32),
        ("ifOutBroadcastPkts", 5, Kind.COUNTER32),
        ("ifHCInOctets", 6, Kind.COUNTER64),
        ("ifHCInUcastPkts", 7, Kind.COUNTER64),
        ("ifHCInMulticastPkts", 8, Kind.COUNTER64),
        ("ifHCInBroadcastPkts", 9, Kind.COUNTER64),
        ("ifHCOutOctets", 10, Kind.COUNTER64),
        ("ifHCOutUcastPkts", 11, Kind.COUNTER64),
        ("ifHCOutMulticastPkts", 12, Kind.COUNTER64),
        ("ifHCOutBroadcastPkts", 13, Kind.COUNTER64),
        ("ifHighSpeed", 15, Kind.GAUGE),
        ("ifAlias", 18, Kind.TEXT),
        ("ifCounterDiscontinuityTime", 19, Kind.TICKS),
    ),
}

# Each counter we want, by the columns that give it, best first: 64-bit before 32-bit. Where an agent fills the better
# column for some rows only, the next one is read as well and fills the rest. The deprecated ifInNUcastPkts counts
# multicast and broadcast together, so it stands in for multicast where neither is known.
COUNTERS: dict[str, tuple[Column, ...]] = {
    counter: tuple(IF_TABLE[name] for name in names)
    for counter, names in {
        "in_octets": ("ifHCInOctets", "ifInOctets"),
        "out_octets": ("ifHCOutOctets", "ifOutOctets"),
        "in_unicast": ("ifHCInUcastPkts", "ifInUcastPkts"),
        "out_unicast": ("ifHCOutUcastPkts", "ifOutUcastPkts"),
        "in_multicast": ("ifHCInMulticastPkts", "ifInMulticastPkts", "ifInNUcastPkts"),
        "out_multicast": ("ifHCOutMulticastPkts", "ifOutMulticastPkts", "ifOutNUcastPkts"),
        "in_broadcast": ("ifHCInBroadcastPkts", "ifInBroadcastPkts"),
        "out_broadcast": ("ifHCOutBroadcastPkts", "ifOutBroadcastPkts"),
        "in_errors": ("ifInErrors",),
        "out_errors": ("ifOutErrors",),
        "in_discards": ("ifInDiscards",),
        "out_discards": ("ifOutDiscards",),
    }.items()
}

STATIC_COLUMNS: tuple[Column, ...] = tuple(
    IF_TABLE[name]
    for name in ("ifDescr", "ifName", "ifAlias", "ifType", "ifMtu", "ifSpeed", "ifHighSpeed", "ifPhysAddress")
)

IF_STATUS: dict[int, str] = {
    1: "up",
    2: "down",
    3: "testing",
    4: "unknown",
    5: "dormant",
    6: "notPresent",
    7: "lowerLayerDown",
}

# ENTITY-MIB: what a chassis says of itself. `CHASSIS` and `STACK` are values of entPhysicalClass.
ENTITY_CLASS = Column("entPhysicalClass", "1.3.6.1.2.1.47.1.1.1.1.5", Kind.INTEGER)
CHASSIS, STACK = 3, 11
ENTITY: dict[str, Column] = _columns(
    "1.3.6.1.2.1.47.1.1.1.1",
    ("entPhysicalDescr", 2, Kind.TEXT),
    ("entPhysicalHardwareRev", 8, Kind.TEXT),
    ("entPhysicalFirmwareRev", 9, Kind.TEXT),
    ("entPhysicalSoftwareRev", 10, Kind.TEXT),
    ("entPhysicalSerialNum", 11, Kind.TEXT),
    ("entPhysicalMfgName", 12, Kind.TEXT),
    ("entPhysicalModelName", 13, Kind.TEXT),
)

_NAMED: dict[str, str] = {column.oid: column.name for column in (*SYSTEM.values(), IF_NUMBER, IF_TABLE_LAST_CHANGE)} | {
    column.oid: column.name for column in (*IF_TABLE.values(), ENTITY_CLASS, *ENTITY.values())
}


def named(oid: str) -> str:
    """The OID as people read it: `1.3.6.1.2.1.2.2.1.8.3 (ifOperStatus.3)`; alone where it is not in the table."""
    stem = oid
    while stem:
        if stem in _NAMED:
            return f"{oid} ({_NAMED[stem]}{oid[len(stem) :]})"
        stem = stem.rpartition(".")[0]
    return oid


def known_name(oid: str) -> str | None:
    """The MIB's name of an OID; None where it is not in the table."""
    return named(oid)[len(oid) :].strip(" ()") or None
