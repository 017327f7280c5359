"""Which device of the inventory somebody is: by serial number, chassis (MAC address), name or address."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable

from wardwatch.model.discovery import Duplicate, Heard
from wardwatch.model.inventory import Device, Inventory
from wardwatch.model.records import DeviceFacts
from wardwatch.model.text import fold

_SHORTEST_SERIAL = 5
_NO_SERIALS = frozenset({"none", "n/a", "unknown", "default", "0123456789", "123456789", "to be filled by o.e.m."})


def plain_serial(serial: str) -> str:
    """A serial number as it is compared; empty for what vendors write where they have none."""
    plain = serial.strip().lower()
    if len(plain) < _SHORTEST_SERIAL or plain in _NO_SERIALS or len(set(plain)) < 3:
        return ""
    return plain


def plain_mac(mac: str) -> str:
    """A MAC address as `aa:bb:cc:dd:ee:ff`; empty for what is none, or belongs to nobody (all zeros, groups)."""
    digits = "".join(letter for letter in mac.lower() if letter in "0123456789abcdef")
    if len(digits) != 12 or digits == "0" * 12 or int(digits[1], 16) & 1:
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def plain_name(name: str) -> str:
    """A name as it is compared: folded."""
    return fold(name).strip()


def host_of(name: str) -> str:
    """A plain name without its domain; the whole of one that has spaces or begins with a number."""
    head = name.partition(".")[0]
    return head if head and not head.isdigit() and " " not in name else name


class Known:
    """Look-ups over an inventory and what its devices told of themselves (facts `system` and `interfaces`). A name
    that two devices share names nobody."""

    def __init__(self, inventory: Inventory, facts: Iterable[DeviceFacts]) -> None:
        self.inventory = inventory
        self.object_ids: dict[str, str] = {}
        self._at: dict[tuple[str, int], str] = {}
        self._addresses: dict[str, str] = {}
        self._serials: dict[str, str] = {}
        self._macs: dict[str, str] = {}
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._hosts: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for device in inventory.devices.values():
            self._enter(device)
        for fact in facts:
            if fact.device in inventory.devices:
                self._learn(fact)

    def device(self, heard: Heard) -> str | None:
        """The device whose SNMP address this is, unless another box answers there now."""
        found = self._at.get((canonical(heard.address), heard.port)) or self._own(heard)
        if found is None or self._is_other(found, heard):
            return None
        return found

    def duplicate(self, heard: Heard) -> Duplicate | None:
        """The device that somebody at another address seems to be."""
        by_serial = self._serials.get(plain_serial(heard.serial))
        if by_serial is not None:
            return Duplicate(by_serial, "serial")
        by_chassis = self._macs.get(plain_mac(heard.chassis))
        if by_chassis is not None:
            return Duplicate(by_chassis, "chassis")
        at = self._at.get((canonical(heard.address), heard.port)) or self._addresses.get(canonical(heard.address))
        if at is not None:
            return Duplicate(at, "address")
        by_name = self.named(heard.name)
        return Duplicate(by_name, "name") if by_name is not None and not self._is_other(by_name, heard) else None

    def named(self, name: str) -> str | None:
        """The only device of that name, with or without its domain; None for none or several. Two different domains
        are two different devices."""
        wanted = plain_name(name)
        if not wanted:
            return None
        found = self._names.get(wanted) or {
            device
            for device, whole in self._hosts.get(host_of(wanted), ())
            if whole == host_of(whole) or wanted == host_of(wanted)
        }
        return next(iter(found)) if len(found) == 1 else None

    def owner(self, mac: str) -> str | None:
        """The device that has the MAC address on one of its interfaces."""
        return self._macs.get(plain_mac(mac))

    def at(self, address: str) -> str | None:
        """The device of an address, whatever the port."""
        return self._addresses.get(canonical(address))

    def _own(self, heard: Heard) -> str | None:
        """One of a device's other addresses, where nothing speaks against it."""
        found = self._addresses.get(canonical(heard.address))
        if found is None or ipaddress.ip_address(heard.address).is_loopback:
            return None
        same = self.duplicate(heard)
        return found if same is not None and same.device == found and same.by != "address" else None

    def _is_other(self, device: str, heard: Heard) -> bool:
        stated = plain_serial(self.inventory.devices[device].serial or "")
        told = plain_serial(heard.serial)
        return bool(stated and told and stated != told)

    def _enter(self, device: Device) -> None:
        self._at[canonical(device.address), device.snmp_port] = device.id
        for address in (device.address, *device.addresses):
            self._addresses.setdefault(canonical(address), device.id)
        if serial := plain_serial(device.serial or ""):
            self._serials.setdefault(serial, device.id)
        self._call(device.id, device.name)
        self._call(device.id, device.id)

    def _call(self, device: str, name: str) -> None:
        if plain := plain_name(name):
            self._names[plain].add(device)
            self._hosts[host_of(plain)].add((device, plain))

    def _learn(self, fact: DeviceFacts) -> None:
        for row in fact.rows:
            if fact.kind == "interfaces" and (mac := plain_mac(str(row.get("mac") or ""))):
                self._macs.setdefault(mac, fact.device)
            elif fact.kind == "system":
                if serial := plain_serial(str(row.get("serial") or "")):
                    self._serials.setdefault(serial, fact.device)
                self._call(fact.device, str(row.get("sys_name") or ""))
                if object_id := str(row.get("sys_object_id") or "").lstrip("."):
                    self.object_ids[fact.device] = object_id


def canonical(address: str) -> str:
    """An address in one spelling; what is none stays as it is."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address
