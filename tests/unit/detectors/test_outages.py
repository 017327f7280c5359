"""Device statuses from polls: down after two failures, behind, link ports, silence."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from detectors.outages.detector import OutageDetector
from detectors.outages.judge import OutageSettings
from wardwatch.inventory.topology import Topology
from wardwatch.model.detection import StatusChange
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Link
from wardwatch.model.records import DeviceFacts, Outcome, PollOutcome, SampleBlock
from wardwatch.model.status import Status
from wardwatch.model.text import Words

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def device(name: str, role: DeviceRole = DeviceRole.ROUTER) -> Device:
    return Device(name, f"Thiết bị {name}", role, f"u-{name}", "s", "z", "127.0.0.9")


INVENTORY = Inventory(
    devices={item.id: item for item in (device("core", DeviceRole.CORE_ROUTER), device("district"), device("ward"))},
    links={
        "a": Link("a", "core", "district", "Gi0/1", "Gi0/0"),
        "b": Link("b", "district", "ward", "Gi0/2", "Gi0/0"),
    },
)


def detector(statuses: Iterable[DeviceStatus] = ()) -> OutageDetector:
    return OutageDetector(statuses, INVENTORY, Topology(INVENTORY), lambda name: None, OutageSettings())


def poll(name: str, minute: float, outcome: Outcome = Outcome.OK, detail: str = "") -> PollOutcome:
    return PollOutcome(name, f"u-{name}", START + minute * MINUTE, outcome, 5.0, 10, detail)


def observe(watched: OutageDetector, *polls: PollOutcome) -> list[StatusChange]:
    return watched.observe((), (), polls)[1]


def words(changes: list[StatusChange]) -> dict[str, Status]:
    return {change.after.device: change.after.status for change in changes}


def test_one_failure_changes_nothing_and_the_second_makes_it_down_since_the_first() -> None:
    watched = detector()
    observe(watched, poll("ward", 0))
    assert observe(watched, poll("ward", 1, Outcome.TIMEOUT)) == []
    assert words(observe(watched, poll("ward", 2, Outcome.TIMEOUT, "no answer within 2 s"))) == {"ward": Status.DOWN}
    status = watched.statuses["ward"]
    assert status.since == START + MINUTE
    assert status.cause == Words("Không trả lời SNMP 2 lần liên tiếp", "No answer to SNMP, 2 times in a row")


def test_up_at_once() -> None:
    watched = detector()
    observe(watched, *(poll("ward", minute, Outcome.REFUSED) for minute in range(3)))
    assert words(observe(watched, poll("ward", 3))) == {"ward": Status.OK}
    assert watched.statuses["ward"].failures == 0


def test_an_answer_between_two_failures_starts_the_count_anew() -> None:
    watched = detector()
    observe(watched, poll("ward", 0), poll("ward", 1, Outcome.TIMEOUT), poll("ward", 2))
    assert observe(watched, poll("ward", 3, Outcome.TIMEOUT)) == []


def test_a_device_never_seen_well_has_no_data_until_it_is_known_to_be_down() -> None:
    watched = detector()
    assert words(observe(watched, poll("ward", 0, Outcome.TIMEOUT))) == {"ward": Status.NO_DATA}
    assert words(observe(watched, poll("ward", 1, Outcome.TIMEOUT))) == {"ward": Status.DOWN}


@pytest.mark.parametrize(
    ("outcome", "detail", "cause"),
    [
        (
            Outcome.AUTHENTICATION,
            "ward at 10.0.0.1:161 refused the SNMPv3 login (check the user)",
            Words("Xác thực SNMP thất bại", "SNMP authentication failed"),
        ),
        (
            Outcome.LOOP,
            "ward at 10.0.0.1:161 sends OIDs that do not increase at 1.3.6.1.2.1.2.2.1.8 (ifOperStatus) (update it)",
            Words(
                "Bảng SNMP lặp vô tận: 1.3.6.1.2.1.2.2.1.8 (ifOperStatus)",
                "An SNMP table never ends: 1.3.6.1.2.1.2.2.1.8 (ifOperStatus)",
            ),
        ),
    ],
)
def test_trouble_is_degraded_with_its_cause_and_its_oid(outcome: Outcome, detail: str, cause: Words) -> None:
    watched = detector()
    assert words(observe(watched, poll("ward", 0, outcome, detail))) == {"ward": Status.DEGRADED}
    assert watched.statuses["ward"].cause == cause


def test_what_is_cut_off_is_behind_and_down_when_it_stays_silent_alone() -> None:
    watched = detector()
    observe(watched, poll("core", 0), poll("district", 0), poll("ward", 0))
    observe(watched, poll("ward", 1, Outcome.TIMEOUT), poll("district", 1.5, Outcome.TIMEOUT))
    # The ward is asked first; the district has failed once only, and already counts.
    assert words(observe(watched, poll("ward", 2, Outcome.TIMEOUT))) == {"ward": Status.BEHIND}
    assert words(observe(watched, poll("district", 2.5, Outcome.TIMEOUT))) == {"district": Status.DOWN}
    ward = watched.statuses["ward"]
    assert ward.behind == "district"
    assert ward.cause == Words(
        "Mất kết nối do Thiết bị district ngừng hoạt động", "Cut off because Thiết bị district is down"
    )
    changes = words(observe(watched, poll("district", 3.5), poll("ward", 3.6, Outcome.TIMEOUT)))
    assert changes == {"district": Status.OK, "ward": Status.DOWN}


def test_a_device_behind_that_answers_is_ok() -> None:
    watched = detector()
    observe(watched, *(poll("district", minute, Outcome.TIMEOUT) for minute in range(2)))
    assert words(observe(watched, poll("ward", 2))) == {"ward": Status.OK}


def test_overlapped_rounds_and_late_polls_say_nothing() -> None:
    watched = detector()
    observe(watched, poll("ward", 5))
    assert watched.observe((), (), [poll("ward", 6, Outcome.OVERLAPPED), poll("ward", 4, Outcome.TIMEOUT)]) == ([], [])


def ports(minute: float, oper: float, admin: float = 1.0) -> SampleBlock:
    columns: dict[str, tuple[float | None, ...]] = {"admin": (1.0, admin), "oper": (1.0, oper)}
    return SampleBlock("interface", "district", "u-district", START + minute * MINUTE, ("1", "2"), columns)


FACTS = DeviceFacts(
    "district", "interfaces", START, ({"index": 1, "name": "Gi0/9"}, {"index": 2, "name": "x", "descr": "Gi0/2"})
)


def test_a_link_port_that_is_down_degrades_its_device_until_it_is_up() -> None:
    watched = detector()
    _, changes = watched.observe([FACTS], [ports(0, 2.0)], [poll("district", 0)])
    assert words(changes) == {"district": Status.DEGRADED}
    assert watched.statuses["district"].cause == Words(
        "Cổng ngừng hoạt động: Gi0/2 (nối tới Thiết bị ward)", "Ports down: Gi0/2 (to Thiết bị ward)"
    )
    _, changes = watched.observe([], [ports(1, 1.0)], [])
    assert words(changes) == {"district": Status.OK}


def test_a_port_that_was_switched_off_on_purpose_is_no_trouble() -> None:
    watched = detector()
    watched.observe([FACTS], [ports(0, 2.0, admin=2.0)], [poll("district", 0)])
    assert watched.statuses["district"].status is Status.OK


def test_silence_leaves_no_data_after_three_intervals() -> None:
    watched = detector([DeviceStatus("ward", "u-ward", Status.OK, START, START)])
    assert watched.silence(START + 3 * MINUTE) == ([], [])
    stored, changes = watched.silence(START + 3.1 * MINUTE)
    assert words(changes) == {"ward": Status.NO_DATA}
    assert stored[0].since == START
    assert watched.silence(START + 9 * MINUTE) == ([], [])
    assert words(observe(watched, poll("ward", 9))) == {"ward": Status.OK}


def test_a_short_interval_still_waits_for_the_poll_of_a_silent_device() -> None:
    settings = OutageSettings(interval=timedelta(seconds=5))
    checked = [DeviceStatus("ward", "u-ward", Status.DOWN, START, START, failures=2)]
    watched = OutageDetector(checked, INVENTORY, Topology(INVENTORY), lambda name: None, settings)
    assert watched.silence(START + timedelta(seconds=34)) == ([], [])
    assert words(watched.silence(START + timedelta(seconds=36))[1]) == {"ward": Status.NO_DATA}


def test_a_device_with_an_interval_of_its_own_is_silent_by_that() -> None:
    slow = Inventory(devices={"ward": replace(device("ward"), poll_interval_s=300.0)})
    checked = [DeviceStatus("ward", "u-ward", Status.OK, START, START)]
    watched = OutageDetector(checked, slow, Topology(slow), lambda name: None, OutageSettings())
    assert watched.silence(START + 14 * MINUTE) == ([], [])
    assert words(watched.silence(START + 16 * MINUTE)[1]) == {"ward": Status.NO_DATA}


def test_devices_that_left_the_inventory_are_forgotten() -> None:
    watched = detector([DeviceStatus("gone", "u", Status.DOWN, START, START)])
    assert "gone" not in watched.statuses
