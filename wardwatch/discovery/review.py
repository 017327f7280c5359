"""What a person decides of a candidate, as a change of the inventory. Pure; `UserError` for what cannot stand."""

import ipaddress
from dataclasses import replace
from datetime import datetime

from wardwatch.discovery.known import canonical
from wardwatch.errors import NotFound, UserError
from wardwatch.inventory.documents import DeviceDocument, value_of
from wardwatch.model.discovery import Candidate, CandidateState, Decision
from wardwatch.model.inventory import Device, Inventory
from wardwatch.strict_yaml import check, nearest

_NEEDED = ("role", "unit", "site", "zone")
_REFERENCES = (("unit", "units"), ("site", "sites"), ("zone", "zones"), ("credential", "credentials"))


def decided(
    candidate: Candidate, decision: Decision, inventory: Inventory, who: str, now: datetime
) -> tuple[Candidate, Inventory | None]:
    """The candidate as decided, one version on, and the inventory as it then is (None: unchanged)."""
    if candidate.state in (CandidateState.ACCEPTED, CandidateState.MERGED):
        raise UserError(
            f"candidate {candidate.id} was {candidate.state} already: it is device '{candidate.device}'",
            "it comes back when its device leaves the inventory",
        )
    settled = replace(candidate, decided_by=who, decided_at=now, version=candidate.version + 1)
    match decision.verdict:
        case "accept":
            device = accepted(candidate, decision, inventory)
            more = replace(inventory, devices={**inventory.devices, device.id: device})
            return replace(settled, state=CandidateState.ACCEPTED, device=device.id), more
        case "reject":
            return replace(settled, state=CandidateState.REJECTED), None
        case "merge":
            device = merged(candidate, decision.device, inventory)
            more = replace(inventory, devices={**inventory.devices, device.id: device})
            return replace(settled, state=CandidateState.MERGED, device=device.id), more
    raise UserError(f"'{decision.verdict}' is no decision", "known: accept, reject, merge")


def accepted(candidate: Candidate, decision: Decision, inventory: Inventory) -> Device:
    """The device that a candidate becomes. Raises `UserError` naming everything that is missing or wrong."""
    heard, proposal = candidate.heard, candidate.proposal
    chosen = {name: getattr(decision, name) or getattr(proposal, name) for name in _NEEDED}
    missing = [name for name, value in chosen.items() if not value]
    if missing:
        raise UserError(
            f"candidate {candidate.id} at {heard.address} cannot be accepted without {', '.join(missing)}",
            "nothing tells them by itself: give them with the acceptance",
        )
    record = {
        **chosen,
        "id": _free_id(decision.device or proposal.id, inventory),
        "name": decision.name or proposal.name,
        "address": decision.address or heard.address,
        "snmp_port": heard.port,
        "credential": decision.credential or heard.credential,
        "vendor": heard.vendor or None,
        "model": heard.model or None,
        "serial": heard.serial or None,
        "ports": heard.ports,
        "addresses": [address for address in heard.addresses if not ipaddress.ip_address(address).is_loopback],
    }
    document, problems = check(record, DeviceDocument, {}, "candidate")
    if document is None:
        raise UserError("; ".join(problem.message for problem in problems))
    device = value_of("devices", document)
    assert isinstance(device, Device)
    _examine(device, inventory)
    return device


def merged(candidate: Candidate, chosen: str | None, inventory: Inventory) -> Device:
    """The device of the inventory with what the candidate adds to it: its address among the others, and what nobody
    had written down."""
    name = chosen or (candidate.duplicate.device if candidate.duplicate else None)
    if name is None:
        raise UserError(f"nobody was recognised in candidate {candidate.id}", "name the device to merge it with")
    device = inventory.devices.get(name)
    if device is None:
        raise NotFound(f"there is no device '{name}'", nearest(name, list(inventory.devices)))
    heard = candidate.heard
    known = {canonical(address) for address in (device.address, *device.addresses)}
    more = [address for address in (heard.address, *heard.addresses) if canonical(address) not in known]
    return replace(
        device,
        addresses=(*device.addresses, *(address for address in more if not ipaddress.ip_address(address).is_loopback)),
        vendor=device.vendor or heard.vendor or None,
        model=device.model or heard.model or None,
        serial=heard.serial or device.serial,
        ports=device.ports or heard.ports,
    )


def _free_id(wanted: str, inventory: Inventory) -> str:
    if wanted in inventory.devices:
        raise UserError(f"there is a device '{wanted}' already", "merge the candidate with it, or give another id")
    return wanted


def _examine(device: Device, inventory: Inventory) -> None:
    """What the rules between records ask of a new device."""
    for key, kind in _REFERENCES:
        word, known = getattr(device, key), getattr(inventory, kind)
        if word is not None and word not in known:
            raise UserError(f"there is no {key} '{word}'", nearest(word, list(known)))
    same = (canonical(device.address), device.snmp_port)
    for other in inventory.devices.values():
        if (canonical(other.address), other.snmp_port) == same:
            raise UserError(
                f"{device.address} port {device.snmp_port} is already that of another device",
                "merge the candidate with it",
            )
