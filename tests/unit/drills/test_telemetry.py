"""What devices tell in a drill goes the way of real messages, and the same seed tells the same."""

from typing import Any

import pytest

from drills.packets import EPOCH
from drills.scenario import Scenario
from drills.telemetry.carried import Telemetry, telemetry
from wardwatch.ecs import decoded
from wardwatch.errors import UserError

VPN = (
    '<185>date={date} time={time} devname="FGT" devid="FGT60F" tz="+0700" logid="0101039426" type="event" '
    'subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" remip={stranger} '
    'user="{user}" msg="SSL user failed to logged in"'
)
HOSTS = {"core": "10.10.0.1", "ward": "10.10.40.1", "switch": "10.10.40.2", "stranger": "198.51.100.7"}


def scenario(*injects: dict[str, Any]) -> Scenario:
    return Scenario.model_validate(
        {
            "schema": "drill/1",
            "id": "x",
            "title": {"vi": "a", "en": "b"},
            "hosts": HOSTS,
            "links": [
                {"upstream": "core", "downstream": "ward", "port": "xe-0/0/1"},
                {"upstream": "ward", "downstream": "switch"},
            ],
            "safety": {"scope": ["10.0.0.0/8", "198.51.100.0/24"]},
            "injects": [{"id": f"i{n}", "at": "T+1m", **inject} for n, inject in enumerate(injects)],
        }
    )


def told(*injects: dict[str, Any], seed: int = 1) -> Telemetry:
    return telemetry(scenario(*injects), seed, EPOCH)


def said(found: Telemetry) -> list[tuple[str, Any]]:
    documents = [decoded(event) for event in found.events]
    return [(one["event"]["action"], one["wardwatch"].get("device")) for one in documents]


def test_a_cut_line_is_a_port_down_then_a_device_down_and_what_is_behind_it() -> None:
    cut = {"action": "link_cut", "with": {"upstream": "core", "downstream": "ward", "seconds": 600}}
    found = said(told(cut))
    assert found[:4] == [
        ("device-degraded", "core"),
        ("linkDown", None),
        ("device-behind", "switch"),
        ("device-down", "ward"),
    ]
    assert set(found[4:]) == {("device-ok", name) for name in ("core", "ward", "switch")}


def test_each_restart_is_an_outage_and_a_trap() -> None:
    found = told({"action": "reboot_storm", "with": {"device": "core", "count": 3, "every": 300, "seconds": 150}})
    actions = [action for action, device in said(found) if device in (None, "core")]
    assert actions == ["device-down", "coldStart", "device-ok"] * 3
    assert found.sent["i0"] == (60.0, 810.0, 6)


def test_lines_are_mapped_with_the_hosts_and_users_they_name() -> None:
    line = {"action": "syslog", "with": {"device": "core", "lines": [VPN], "users": ["an"], "count": 2, "every": 5}}
    documents = [decoded(event) for event in told(line).events]
    assert [(one["event"]["action"], one["event"]["outcome"]) for one in documents] == [("login", "failure")] * 2
    assert {(one["source"]["ip"], one["user"]["name"]) for one in documents} == {(HOSTS["stranger"], "an")}
    assert [one["@timestamp"][11:19] for one in documents] == ["01:01:00", "01:01:05"]


def test_ups_certificate_and_refused_communities_alert() -> None:
    found = told(
        {"action": "ups_on_battery", "with": {"device": "core", "minutes": 20, "count": 2}},
        {"action": "certificate", "with": {"host": "ward", "days": -1}},
        {"action": "snmp_trap", "with": {"device": "ward", "trap": "authenticationFailure"}},
    )
    assert {(event.values[2], event.alert) for event in found.events} == {
        ("upsOnBattery", True),
        ("service-certificate", True),
        ("authenticationFailure", True),
    }


def test_the_same_seed_tells_the_same() -> None:
    storm = {"action": "reboot_storm", "with": {"device": "core", "count": 2, "every": 300}}
    assert told(storm).sha256 == told(storm).sha256 != told(storm, seed=2).sha256
    assert told({"action": "browse", "with": {}}).sha256 is None


@pytest.mark.parametrize(
    ("inject", "words"),
    [
        ({"action": "device_down", "with": {"device": "cor"}}, "'device' must name one of the hosts core, ward"),
        ({"action": "link_cut", "with": {"upstream": "ward", "downstream": "core"}}, "'links' has none from 'ward'"),
        (
            {"action": "snmp_trap", "with": {"device": "core", "trap": "hot"}},
            "there is no trap 'hot'; known: cold",
        ),
        ({"action": "syslog", "with": {"device": "core", "lines": ["<1>{nobody}"]}}, "an unknown name in braces"),
        ({"action": "syslog", "with": {"device": "core", "lines": ["no priority"]}}, "no receiver takes"),
        ({"action": "device_down", "at": "T+9h", "with": {"device": "core"}}, "later than safety.max_duration"),
    ],
)
def test_what_cannot_be_told_is_refused_in_words(inject: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        told(inject)
