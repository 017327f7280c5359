"""Makes a data folder ready for the demo: city, secrets, a schedule of faults. What is there already is left alone."""

import random
from dataclasses import replace

import yaml

from wardwatch.demo.certificates import demo_certificates, make_server_certificates
from wardwatch.demo.city import build_city, demo_secrets
from wardwatch.demo.servers import demo_checks
from wardwatch.demo.variants import DemoVariant
from wardwatch.errors import UserError
from wardwatch.installation import read_installation
from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.time import utc_now
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder

ACTOR = Actor.system("demo")


def prepare_demo(data: DataFolder, seed: int, variant: DemoVariant, snmp_port: int) -> None:
    """Fills an empty data folder; its agents answer at UDP `snmp_port`.

    Raises `UserError` for a folder that holds an inventory of somebody else.
    """
    state = read_installation(data).open_state(utc_now)
    try:
        inventory = state.inventory.read(Scope.everything())
        if not inventory.units:
            inventory = replace(
                build_city(seed, variant.value, snmp_port), checks=demo_checks(data.demo_services, snmp_port)
            )
            state.inventory.replace(ACTOR, inventory)
            state.care.hold(ACTOR, demo_certificates(inventory, seed, utc_now()))
        elif any(not device.address.startswith("127.") for device in inventory.devices.values()):
            raise UserError(f"{data.root} holds a real inventory", "give the demo a --data folder of its own")
    finally:
        state.close()
    write_secrets(data.secrets, demo_secrets())
    make_server_certificates(data.demo_services, utc_now())
    faults = data.root / "faults.yaml"
    if not faults.exists():
        schedule = {"faults": demo_faults(inventory, seed)}
        faults.write_text(yaml.safe_dump(schedule, allow_unicode=True), encoding="utf-8")


def demo_faults(inventory: Inventory, seed: int) -> list[dict[str, object]]:
    """A day in the life of a network: lines that fail, a district cut off, agents that misbehave all the time."""
    random_ = random.Random(f"{seed}/faults")
    wards = _devices(inventory, "ward", DeviceRole.ROUTER)
    districts = _devices(inventory, "district", DeviceRole.ROUTER, DeviceRole.FIREWALL)
    switches = _devices(inventory, "ward", DeviceRole.ACCESS_SWITCH)
    if not wards or not districts or not switches:
        return []
    lost = random_.sample(wards, min(6, len(wards)))
    faults: list[dict[str, object]] = [
        {"device": device.id, "kind": "dead", "at": f"T+{index * 4 + 1}m", "for": "6m", "every": "45m"}
        for index, device in enumerate(lost)
    ]
    cut = random_.choice(districts)
    faults.append({"device": cut.id, "kind": "dead", "at": "T+12m", "for": "5m", "every": "1h30m"})
    odd = random_.sample(switches, min(4, len(switches)))
    troubles: tuple[dict[str, object], ...] = (
        {"kind": "slow", "value": 1.5},
        {"kind": "endless-walk"},
        {"kind": "malformed"},
        {"kind": "dead"},
    )
    faults += [
        {"device": device.id, "at": "T+0s", "for": "6d", **trouble}
        for device, trouble in zip(odd, troubles, strict=False)
    ]
    restarted = random_.choice(switches)
    faults.append({"device": restarted.id, "kind": "reboot", "at": "T+3m", "for": "1m", "every": "20m"})
    return faults


def _devices(inventory: Inventory, kind: str, *roles: DeviceRole) -> list[Device]:
    """Devices of units of a kind, by role, in a stable order."""
    return [
        device
        for _, device in sorted(inventory.devices.items())
        if inventory.units[device.unit].kind == kind and device.role in roles
    ]
