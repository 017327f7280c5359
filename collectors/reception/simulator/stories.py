"""What happens to a device, as it tells it itself: traps and lines of syslog in the order of their moments."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from collectors.reception.simulator.deeds import ATTEMPTS, configuration_changed, login_failed
from collectors.reception.simulator.traps import link_trap, ups_trap
from wardwatch.model.inventory import Device, DeviceRole

TRAPS, SYSLOG = "traps", "syslog"
_LASTS_S = (8.0, 40.0)


class Told(NamedTuple):
    """A datagram, whither (`traps` or `syslog`), and so many seconds after the story began."""

    after_s: float
    way: str
    data: bytes


Story = Callable[[random.Random, Device, datetime], list[Told]]


def _link_flap(chance: random.Random, device: Device, _at: datetime) -> list[Told]:
    port, lasts_s = chance.randrange(1, max(device.ports, 1) + 1), chance.uniform(*_LASTS_S)
    return [
        Told(after_s, TRAPS, link_trap(chance, port, f"{_port_words(device)}{port}", is_up))
        for after_s, is_up in ((0.0, False), (lasts_s, True))
    ]


def _ups_on_battery(chance: random.Random, _device: Device, _at: datetime) -> list[Told]:
    lasts_s = chance.uniform(*_LASTS_S)
    return [Told(0.0, TRAPS, ups_trap(chance, False)), Told(lasts_s, TRAPS, ups_trap(chance, True))]


def _login_failures(chance: random.Random, device: Device, at: datetime) -> list[Told]:
    stranger = f"203.0.113.{chance.randrange(1, 255)}"
    told = []
    for number in range(ATTEMPTS):
        line = login_failed(chance, device, at + timedelta(seconds=number), stranger)
        told.append(Told(float(number), SYSLOG, line.encode()))
    return told


def _configuration_changed(chance: random.Random, device: Device, at: datetime) -> list[Told]:
    return [Told(0.0, SYSLOG, configuration_changed(chance, device, at).encode())]


STORIES: Mapping[str, Story] = {
    "link-flap": _link_flap,
    "ups-on-battery": _ups_on_battery,
    "login-failures": _login_failures,
    "configuration-changed": _configuration_changed,
}


def befalls(story: str, device: Device) -> bool:
    """Whether such a thing happens to such a device."""
    if story == "ups-on-battery":
        return device.role is DeviceRole.UPS
    if device.role is DeviceRole.UPS:
        return False
    return story != "configuration-changed" or device.role not in (DeviceRole.SERVER, DeviceRole.STORAGE)


def _port_words(device: Device) -> str:
    return "ether" if device.vendor == "MikroTik" else "port" if device.vendor == "Fortinet" else "GigabitEthernet0/0/"
