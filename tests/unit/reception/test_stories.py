"""What the simulated devices tell is understood: every story by every vendor, and what is raised is cleared."""

import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from collectors.reception.gathering import Received
from collectors.reception.senders import Sender
from collectors.reception.simulator.stories import STORIES, TRAPS, befalls
from collectors.syslog.mapper import SyslogMapper
from collectors.syslog.vendor_documents import load_rules
from collectors.traps.catalogue_documents import load_catalogue
from collectors.traps.mapper import TrapMapper
from collectors.traps.v3 import V3Receiver
from wardwatch.model.inventory import Device, DeviceRole
from wardwatch.model.records import Position

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
VENDORS = ("Cisco", "Huawei", "H3C", "Juniper", "Fortinet", "MikroTik", "Dell")
SENDER = Sender("127.0.0.1", "R1", ("ward",), None, {"unit": "ward", "device": "r1"})


def device(role: DeviceRole, vendor: str | None = None) -> Device:
    return Device("r1", "R1", role, "ward", "site", "wan", "127.0.0.1", 161, "v2", vendor=vendor, ports=24)


def told(story: str, hero: Device) -> list[dict[str, Any]]:
    traps = TrapMapper(load_catalogue(), V3Receiver((), bytes.fromhex("80001f880501020304aa"), 1))
    syslog = SyslogMapper(load_rules(), timezone(timedelta(hours=7)))
    documents = []
    for number, each in enumerate(STORIES[story](random.Random(1), hero, NOW)):
        mapper = traps if each.way == TRAPS else syslog
        mapped = mapper.map([(Position("it", number), Received(each.data, SENDER, NOW))])
        assert not mapped.rejected, mapped.rejected
        documents.append(orjson.loads(mapped.events[0].document))
    return documents


@pytest.mark.parametrize(("story", "role"), [("link-flap", DeviceRole.ROUTER), ("ups-on-battery", DeviceRole.UPS)])
def test_what_traps_raise_they_clear(story: str, role: DeviceRole) -> None:
    raised, cleared = told(story, device(role))
    assert (raised["event"]["kind"], cleared["event"]["kind"]) == ("alert", "event")
    assert raised["rule"]["id"] == cleared["rule"]["id"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_failed_logins_name_user_and_stranger(vendor: str) -> None:
    documents = told("login-failures", device(DeviceRole.ROUTER, vendor))
    assert len(documents) > 1
    for document in documents:
        assert (document["event"]["action"], document["event"]["outcome"]) == ("login", "failure")
        assert document["source"]["ip"].startswith("203.0.113.")
        assert document["user"]["name"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_changed_configurations_are_known_as_such(vendor: str) -> None:
    (document,) = told("configuration-changed", device(DeviceRole.ROUTER, vendor))
    assert document["event"]["action"] == "configuration-changed"
    assert "r1" in (document["wardwatch"].get(side, {}).get("device") for side in ("source", "destination"))
    if vendor not in ("Huawei", "H3C"):
        assert document["user"]["name"] == "noc.admin"
    else:
        assert "user" not in document


def test_nothing_befalls_who_cannot_have_it() -> None:
    assert not befalls("ups-on-battery", device(DeviceRole.ROUTER))
    assert not befalls("link-flap", device(DeviceRole.UPS))
    assert not befalls("configuration-changed", device(DeviceRole.SERVER))
