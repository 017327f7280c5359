"""Whom LLDP and CDP name, and where they are managed."""

from collections import OrderedDict

from collectors.discovery.management import Neighbour, joined


def test_a_neighbour_by_both_protocols_is_one() -> None:
    lldp = {"0.7.1": b"sw2.example"}
    managed = {"0.7.1.1.4.10.1.1.9": 2, "0.7.1.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9": 2}
    cdp, at = {"10101.1": b"sw2.example(FOC1234)"}, {"10101.1": bytes([10, 1, 1, 9])}
    assert joined(lldp, OrderedDict(managed), cdp, at) == [Neighbour("sw2.example", ("10.1.1.9", "2001:db8::9"))]


def test_nameless_neighbours_stay_apart_and_nonsense_is_no_address() -> None:
    managed = {"0.1.1.1.4.10.0.0.1": 1, "0.2.1.1.4.10.0.0.2": 1, "0.3.1.1.4.10.0": 1, "0.4.1.6.6.1.2.3.4.5.6": 1}
    found = joined({"0.5.1": b"quiet", "0.6.1": b""}, OrderedDict(managed), {"3.1": b"old"}, {"3.1": b"\0\0\0\0"})
    assert [each.addresses for each in found if not each.name] == [(), ("10.0.0.1",), ("10.0.0.2",)]
    assert [each.name for each in found if each.name] == ["quiet", "old"]
