"""What raw columns say of ports and systems."""

import pytest

from collectors.snmp.oids import STATIC_COLUMNS, named
from collectors.snmp.tables import ports, speed_bps, system_facts, text
from collectors.snmp.walk import Rows


@pytest.mark.parametrize(
    ("speed", "high", "expected"),
    [
        (1_000_000_000, 1000, 1_000_000_000),
        (2**32 - 1, 10_000, 10_000_000_000),
        (0, 25_000, 25_000_000_000),
        (1_544_000, 2, 1_544_000),
        (1_410_065_408, 10_000, 10_000_000_000),
        (0, 0, None),
        (None, None, None),
    ],
)
def test_the_speed_is_the_one_that_can_say_it(speed: int | None, high: int | None, expected: int | None) -> None:
    assert speed_bps(speed, high) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("Phường Bến Nghé".encode(), "Phường Bến Nghé"),
        ("Phu\u031bo\u031b\u0300ng".encode(), "Phường"),
        (b"caf\xe9", "café"),
        (b"eth0\x00garbage", "eth0"),
        (b"a\x07b", "a b"),
        (None, ""),
    ],
)
def test_text_of_agents(octets: bytes | None, expected: str) -> None:
    assert text(octets) == expected


def test_a_port_without_a_name_goes_by_its_description() -> None:
    columns = {column.name: Rows() for column in STATIC_COLUMNS}
    columns |= {"ifDescr": Rows(("7",), (b"Vlan7",)), "ifPhysAddress": Rows(("7",), (b"\x00\x1b\x21\x0a\x0b\x0c",))}
    found = ports(("7",), columns)
    assert found.names == ("Vlan7",)
    assert found.rows[0].mac == "001b210a0b0c"


def test_a_chassis_says_more_than_the_description() -> None:
    chassis = {"entPhysicalModelName": b"WS-C4506-E", "entPhysicalSerialNum": b"FOX1"}
    facts = system_facts({"1.3.6.1.2.1.1.1.0": b"Cisco IOS Software, Version 15.2(2)E8, RELEASE"}, chassis)
    assert (facts["version"], facts["hardware"], facts["serial"]) == ("15.2(2)E8", "WS-C4506-E", "FOX1")


def test_oids_are_named_where_we_know_them() -> None:
    assert named("1.3.6.1.2.1.2.2.1.8.3") == "1.3.6.1.2.1.2.2.1.8.3 (ifOperStatus.3)"
    assert named("1.2.3") == "1.2.3"
