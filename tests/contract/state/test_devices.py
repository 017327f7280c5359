"""What is known of devices now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.records import DeviceFacts
from wardwatch.model.status import Status
from wardwatch.model.text import Words
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
AT = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
ALL = Scope.everything()
EVER = TimeRange(AT - timedelta(days=1), AT + timedelta(days=1))


def status(device: str, unit: str, value: Status = Status.OK) -> DeviceStatus:
    return DeviceStatus(
        device, unit, value, AT, AT + timedelta(seconds=30), Words("không trả lời", "no answer"), "core", 3
    )


def test_statuses_come_back_newest_in_scope(engine: Any, state: Any) -> None:
    state.devices.put_statuses(CORE, [status("r1", "w1"), status("r2", "w2")])
    state.devices.put_statuses(CORE, [status("r2", "w2", Status.DOWN)])
    assert list(state.devices.statuses(ALL)) == [status("r1", "w1"), status("r2", "w2", Status.DOWN)]
    assert [found.device for found in state.devices.statuses(Scope.of("w2"))] == ["r2"]
    assert list(state.devices.statuses(Scope.of())) == []
    assert len(engine.restart().devices.statuses(ALL)) == 2


def test_only_changes_of_the_system_are_audited_but_all_of_a_person(state: Any) -> None:
    def entries() -> int:
        return len(state.audit.entries(ALL, EVER, 100))

    state.devices.put_statuses(CORE, [status("r1", "w1"), status("r2", "w2")])
    assert entries() == 1
    later = replace(status("r1", "w1"), checked_at=AT + timedelta(minutes=5))
    state.devices.put_statuses(CORE, [later, status("r2", "w2")])
    assert entries() == 1
    assert state.devices.statuses(Scope.of("w1"))[0].checked_at == later.checked_at
    state.devices.put_statuses(CORE, [status("r1", "w1"), status("r2", "w2", Status.DOWN)])
    assert state.audit.entries(ALL, EVER, 1)[0].detail["changed"] == {"r2": ["ok", "down"]}
    state.devices.put_statuses(Actor("an"), [status("r1", "w1")])
    assert entries() == 3
    assert [entry.actor for entry in state.audit.entries(Scope.of("w1"), EVER, 100)] == ["an", "system:core"]
    assert state.audit.verify() is None


def test_facts_are_replaced_and_in_scope_of_their_device(state: Any) -> None:
    device = Device("r1", "R1", DeviceRole.ROUTER, "w1", "s", "z", "127.0.0.1")
    state.inventory.replace(CORE, Inventory(devices={"r1": device}))
    older = DeviceFacts("r1", "interfaces", AT, ({"index": 1, "name": "Gi0/1", "up": True, "speed": None},))
    newer = DeviceFacts("r1", "interfaces", AT + timedelta(hours=1), ({"index": 2, "name": "Gi0/2"},))
    other = DeviceFacts("r1", "system", AT, ({"sys_name": "r1"},))
    state.devices.put_facts(CORE, [older, other])
    state.devices.put_facts(CORE, [newer])
    assert state.devices.facts(ALL, "r1", "interfaces") == newer
    assert state.devices.facts(Scope.of("w1"), "r1", "system") == other
    assert state.devices.facts(Scope.of("w2"), "r1", "system") is None
    assert state.devices.facts(ALL, "r9", "system") is None
    state.devices.put_statuses(CORE, [status("r1", "w2")])
    assert state.devices.facts(Scope.of("w2"), "r1", "system") is None


def test_what_is_known_of_a_device_goes_with_it(state: Any) -> None:
    device = Device("r1", "R1", DeviceRole.ROUTER, "w1", "s", "z", "127.0.0.1")
    state.inventory.replace(CORE, Inventory(devices={"r1": device}))
    state.devices.put_statuses(CORE, [status("r1", "w1")])
    state.inventory.replace(CORE, Inventory())
    assert list(state.devices.statuses(ALL)) == []
