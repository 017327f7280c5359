"""Notifications become ECS: named, worded, paired."""

import base64

import pytest

from tests.unit.traps.conftest import Mapping, number, oid, tlv, v1, v2c, varbind

IF = "1.3.6.1.2.1.2.2.1"
LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
PORT = (varbind(f"{IF}.1.3", number(3)), varbind(f"{IF}.2.3", tlv(4, b"Gi0/3")), varbind(f"{IF}.8.3", number(2)))


def test_a_document(mapping: Mapping) -> None:
    document = mapping.document(v2c(LINK_DOWN, *PORT))
    assert document["event"]["action"] == "linkDown"
    assert document["event"]["kind"] == "alert"
    assert document["rule"] == {"id": "snmptrap.link:3", "name": "Interface Gi0/3 is down"}
    assert document["wardwatch"]["words"]["vi"] == "Cổng Gi0/3 ngừng hoạt động"
    assert document["wardwatch"]["source"] == {"unit": "ward", "device": "sw1"}
    assert document["wardwatch"]["severity"] == "medium"
    assert document["source"]["ip"] == "10.0.0.1"
    assert document["observer"]["ingress"]["interface"]["name"] == "Gi0/3"
    assert document["snmp"]["trap"] == {"oid": LINK_DOWN, "name": "linkDown"}
    assert document["snmp"]["uptime_s"] == 42.0
    assert document["snmp"]["varbinds"][2] == {"oid": f"{IF}.8.3", "name": "ifOperStatus.3", "value": "down"}
    assert document["message"] == "Interface Gi0/3 is down"


def test_a_clear_is_no_alert_and_has_the_rule_of_its_raise(mapping: Mapping) -> None:
    document = mapping.document(v2c(LINK_UP, PORT[0]))
    assert document["event"]["kind"] == "event"
    assert document["rule"]["id"] == "snmptrap.link:3"


def test_the_community_is_blanked_in_what_is_kept(mapping: Mapping) -> None:
    (event,) = mapping.map(v2c(LINK_DOWN, *PORT, community=b"sEcReT")).events
    kept = base64.b64decode(event.original)
    assert b"sEcReT" not in kept
    assert kept == v2c(LINK_DOWN, *PORT, community=b"******")


@pytest.mark.parametrize(
    ("datagram", "action"),
    [
        (v1("1.3.6.1.4.1.9.1.1", 0, 0), "coldStart"),
        (v1("1.3.6.1.4.1.9.1.1", 2, 0, *PORT), "linkDown"),
        (v1("1.3.6.1.4.1.318", 6, 5), "upsOnBattery"),
        (v1("1.3.6.1.4.1.9.9.43.2", 6, 1), "configuration-changed"),
    ],
)
def test_v1_is_read_as_v2_would_have_it(datagram: bytes, action: str, mapping: Mapping) -> None:
    document = mapping.document(datagram)
    assert document["event"]["action"] == action
    names = {each["name"]: each["value"] for each in document["snmp"]["varbinds"]}
    assert names["snmpTrapAddress.0"] == "10.1.1.1"


def test_what_it_means_depends_on_its_objects(mapping: Mapping) -> None:
    nbr = "1.3.6.1.2.1.14.10.1"
    router = varbind(f"{nbr}.3.10.0.0.2.0", tlv(0x40, b"\x0a\xff\x00\x02"))
    for state, kind in ((8, "event"), (1, "alert"), (5, "event")):
        document = mapping.document(v2c("1.3.6.1.2.1.14.16.2.2", router, varbind(f"{nbr}.6.10.0.0.2.0", number(state))))
        assert document["event"]["kind"] == kind
        assert document.get("rule", {"id": "snmptrap.ospf:10.255.0.2"})["id"] == "snmptrap.ospf:10.255.0.2"


def test_a_trap_nobody_knows_is_told_by_its_numbers(mapping: Mapping) -> None:
    document = mapping.document(v2c("1.3.6.1.4.1.99999.0.1", varbind("1.3.6.1.4.1.99999.1.0", tlv(4, b"\x01\xff"))))
    assert document["event"]["action"] == "1.3.6.1.4.1.99999.0.1"
    assert document["message"] == "1.3.6.1.4.1.99999.0.1: 1.3.6.1.4.1.99999.1.0=01:ff"


def test_an_inform_is_answered_by_its_own_variables(mapping: Mapping) -> None:
    sent: list[bytes] = []
    mapped = mapping.map(v2c(LINK_UP, *PORT, tag=0xA6), sent=sent)
    (answer, data) = mapped.answers[0]
    answer(data)
    assert sent == [v2c(LINK_UP, *PORT, tag=0xA2)]


def test_every_raise_has_a_clear_and_every_clear_a_raise(mapping: Mapping) -> None:
    found = [meaning for meanings in mapping.catalogue.meanings.values() for meaning in meanings]
    raised = {each.finding.condition for each in found if each.finding.alert} - {None}
    cleared = {each.finding.condition for each in found if not each.finding.alert} - {None}
    assert raised == cleared
    assert len(found) > 80


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x30",
        b"\x30\x84\xff\xff\xff\xff",
        v2c(LINK_UP, tag=0xA0),
        v2c(LINK_UP, tag=0xA2),
        v2c(LINK_UP)[:-1],
        v1("1.3.6.1.4.1.9", 7, 0),
        v1("1.3.6.1.4.1.9", 2, 0, agent=b"\x01"),
        v1("1.3.6.1.4.1.9", 2, 0, varbind("1.3.6.1.2.1.1.1.0", number(5, 0x46))),
        v2c(LINK_UP, varbind("1.3.6.1.2.1.1.1.0", tlv(0x99, b"x"))),
        v2c(LINK_UP, *[varbind("1.3.6.1.2.1.1.1.0", number(1))] * 1100),
        tlv(0x30, number(1) + tlv(4, b"c") + tlv(0xA7, number(1) + number(0) + number(0) + tlv(0x30, b""))),
        tlv(0x30, number(2) + tlv(4, b"c")),
        tlv(0x30, number(3) + tlv(0x30, number(1) + number(1) + tlv(4, b"\x01") + number(1))),
        oid("1.3.6"),
    ],
)
def test_what_is_no_notification_is_refused_with_its_sender(datagram: bytes, mapping: Mapping) -> None:
    mapped = mapping.map(datagram)
    assert not mapped.events
    (refused,) = mapped.rejected
    assert refused.reason.startswith("the datagram from 10.0.0.1 is no notification:")
    assert base64.b64decode(refused.original) == datagram
