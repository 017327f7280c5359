"""Where a candidate would stand: unit, site, zone and role, each with the reason that a person reads."""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable

from wardwatch.discovery.known import Known
from wardwatch.inventory.addresses import Prefixes
from wardwatch.model.discovery import Heard, Proposal
from wardwatch.model.inventory import Device, DeviceRole
from wardwatch.model.text import Words, fold

FAMILY_ROLES: dict[str, DeviceRole] = {
    "apc": DeviceRole.UPS,
    "check-point-gaia": DeviceRole.FIREWALL,
    "cisco-asa": DeviceRole.FIREWALL,
    "fortigate": DeviceRole.FIREWALL,
    "huawei-ups": DeviceRole.UPS,
    "linux": DeviceRole.SERVER,
    "palo-alto": DeviceRole.FIREWALL,
    "sophos-xg": DeviceRole.FIREWALL,
    "synology": DeviceRole.STORAGE,
    "vmware-esxi": DeviceRole.SERVER,
    "windows": DeviceRole.SERVER,
}
"""Vendor profiles whose every product does the same."""

_ROLE_WORDS: tuple[tuple[str, DeviceRole], ...] = (
    (r"firewall|tuong lua|\bfw", DeviceRole.FIREWALL),
    (r"\bcore.?(sw|switch)|chuyen mach loi", DeviceRole.CORE_SWITCH),
    (r"\bcore.?(r|rt|router)\b|dinh tuyen loi", DeviceRole.CORE_ROUTER),
    (r"distribution|phan phoi|\bds\d", DeviceRole.DISTRIBUTION_SWITCH),
    (r"switch|chuyen mach|\bsw\d*\b|\basw", DeviceRole.ACCESS_SWITCH),
    (r"router|dinh tuyen|\brt\d*\b", DeviceRole.ROUTER),
    (r"wireless|access point|khong day|\bap\d*\b|\bwlc", DeviceRole.WIRELESS),
    (r"\bups\b|luu dien", DeviceRole.UPS),
    (r"storage|luu tru|\bnas\b|\bsan\b", DeviceRole.STORAGE),
    (r"sensor|cam bien", DeviceRole.SENSOR),
    (r"server|may chu|\bsrv", DeviceRole.SERVER),
)
"""What names and other systems' roles say, folded; the first that fits wins."""

_ROLES = frozenset(role.value for role in DeviceRole)
_NO_ID = re.compile(r"[^a-z0-9]+")
_MOST_ID = 60


class Proposer:
    """Makes proposals from an inventory; `known` also says what products its devices are."""

    def __init__(self, known: Known) -> None:
        self._known = known
        inventory = known.inventory
        units = [unit for unit in inventory.units.values() if unit.valid_to is None]
        self._units = Prefixes((network, (unit.id, network)) for unit in units for network in unit.networks)
        zones = inventory.zones.values()
        self._zones = Prefixes((network, (zone.id, network)) for zone in zones for network in zone.networks)
        self._places = {fold(site.name): site.id for site in inventory.sites.values()} | {
            site.id: site.id for site in inventory.sites.values()
        }

    def propose(self, heard: Heard, taken: Container[str] = ()) -> Proposal:
        """The proposal for a device; `taken` are ids that are given already, beside the inventory's."""
        reasons: list[Words] = []
        unit, site = self._place(heard, reasons)
        zone = self._zone(heard, unit, reasons)
        role = self._role(heard, reasons)
        name = heard.name or heard.address
        return Proposal(self._id(name, taken), name, role, unit, site, zone, tuple(reasons))

    def _place(self, heard: Heard, reasons: list[Words]) -> tuple[str | None, str | None]:
        """Unit and site: by another system's site, the unit whose network holds an address, the neighbour's unit."""
        inventory = self._known.inventory
        site = self._places.get(fold(heard.place)) if heard.place else None
        if site is not None:
            unit = inventory.sites[site].unit
            reasons.append(Words(f"đơn vị {unit}: theo địa điểm {heard.place}", f"unit {unit}: its site {heard.place}"))
            return unit, site
        for address in (heard.address, *heard.addresses):
            found = self._units.find(ipaddress.ip_address(address))
            if found is not None:
                unit, network = found
                vi = f"đơn vị {unit}: địa chỉ {address} thuộc mạng {network}"
                reasons.append(Words(vi, f"unit {unit}: its address {address} is in {network}"))
                return unit, self._site(unit, reasons)
        near = inventory.devices.get(heard.seen_by or "")
        if near is None:
            return None, None
        vi = f"đơn vị {near.unit}: cắm vào {near.name}"
        reasons.append(Words(vi, f"unit {near.unit}: it is plugged into {near.name}"))
        return near.unit, near.site

    def _site(self, unit: str, reasons: list[Words]) -> str | None:
        """The only site of a unit, or where most of its devices stand."""
        inventory = self._known.inventory
        own = [site.id for site in inventory.sites.values() if site.unit == unit]
        if len(own) == 1:
            return own[0]
        found = most(device.site for device in inventory.devices.values() if device.unit == unit)
        if found is not None:
            reasons.append(
                Words(f"địa điểm {found}: nơi đặt phần lớn thiết bị", f"site {found}: most devices stand there")
            )
        return found

    def _zone(self, heard: Heard, unit: str | None, reasons: list[Words]) -> str | None:
        for address in (heard.address, *heard.addresses):
            # Simulated devices answer on loopback addresses, which say nothing of where they stand.
            at = ipaddress.ip_address(address)
            found = None if at.is_loopback else self._zones.find(at)
            if found is not None:
                zone, network = found
                vi = f"vùng {zone}: địa chỉ {address} thuộc mạng {network}"
                reasons.append(Words(vi, f"zone {zone}: its address {address} is in {network}"))
                return zone
        return most(device.zone for device in self._known.inventory.devices.values() if device.unit == unit)

    def _role(self, heard: Heard, reasons: list[Words]) -> str | None:
        """By what the device is called (there or in another system), its product among ours, its family."""
        for told in (heard.role, heard.name):
            role = role_of(told)
            if role is not None:
                reasons.append(Words(f"vai trò {role}: tên là “{told}”", f"role {role}: it is called “{told}”"))
                return role
        alike = self._alike(lambda device: self._known.object_ids.get(device.id) == heard.object_id != "")
        alike = alike or self._alike(lambda device: fold(device.model or "") == fold(heard.model) != "")
        if alike is not None:
            role, count = alike
            vi = f"vai trò {role}: {count} thiết bị cùng loại trong danh mục"
            reasons.append(Words(vi, f"role {role}: {count} devices of the same product in the inventory"))
            return role
        family = FAMILY_ROLES.get(heard.family)
        if family is not None:
            reasons.append(Words(f"vai trò {family}: họ {heard.family}", f"role {family}: family {heard.family}"))
        return family.value if family is not None else None

    def _alike(self, same: Callable[[Device], bool]) -> tuple[str, int] | None:
        """The role that most devices of the same product have, and how many."""
        roles = Counter(device.role.value for device in self._known.inventory.devices.values() if same(device))
        return roles.most_common(1)[0] if roles else None

    def _id(self, name: str, taken: Container[str]) -> str:
        base = _NO_ID.sub("-", fold(name)).strip("-")[:_MOST_ID].strip("-") or "device"
        number, found = 1, base
        while found in self._known.inventory.devices or found in taken:
            number += 1
            found = f"{base}-{number}"
        return found


def role_of(words: str) -> str | None:
    """The role that a name or another system's word for a role tells."""
    folded = fold(words)
    if folded in _ROLES:
        return folded
    return next((role.value for pattern, role in _ROLE_WORDS if re.search(pattern, folded)), None)


def most(values: Iterable[str]) -> str | None:
    """What is there most often; the first of equals in the alphabet."""
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value)) if counted else None
