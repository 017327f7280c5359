"""What each device claims of who is on its ports: by LLDP and CDP, by its table of MAC addresses, by ARP. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wardwatch.discovery.known import Known
from wardwatch.model.topology import Proof
from wardwatch.topology.digests import Digest, NeighbourRow
from wardwatch.topology.ports import PortNames

SURE: dict[Proof, float] = {
    Proof.INVENTORY: 1.0,
    Proof.LLDP: 0.9,
    Proof.CDP: 0.9,
    Proof.FDB: 0.6,
    Proof.ARP: 0.35,
}
"""How far one claim is believed, 0 to 1."""

SHARED = 0.3
"""A MAC address on a port where others are as well: somebody who is in no inventory may stand between."""

VIRTUAL = {"00:00:5e:00:01": "vrrp", "00:00:0c:07:ac": "hsrp"}
"""The first five octets of virtual routers' MAC addresses (RFC 9568, RFC 2281)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`device` says that `far` is on its port."""

    proof: Proof
    device: str
    port: str | None
    far: str
    far_port: str | None
    detail: str
    weight: float


class Surroundings:
    """The claims of all devices of an inventory."""

    def __init__(self, known: Known, digests: Mapping[str, Digest]) -> None:
        self._known = known
        self._digests = {name: each for name, each in digests.items() if name in known.inventory.devices}
        self.ports = PortNames(self._digests)
        self._seen = {name: self._heard_on(each) for name, each in self._digests.items() if each.fdb}
        self._at: dict[str, dict[str, str]] = {}

    def claims(self) -> Iterator[Claim]:
        """Every claim. What a port says by LLDP or CDP outweighs the MAC addresses that were seen on it."""
        for device, digest in self._digests.items():
            told: defaultdict[str | None, set[str]] = defaultdict(set)
            for claim in self._by_protocol(device, digest):
                told[claim.port].add(claim.far)
                yield claim
            for claim in (*self._by_forwarding(device), *self._by_arp(device, digest)):
                if not told[claim.port] or claim.far in told[claim.port]:
                    yield claim

    def owner(self, mac: str) -> tuple[str, str | None] | None:
        """The device and port that a MAC address belongs to; None for a stranger's."""
        found = self.ports.owners.get(mac)
        return found if found is not None and found[0] else None

    def _by_protocol(self, device: str, digest: Digest) -> Iterator[Claim]:
        for row in digest.neighbours:
            far, by = self._far(row)
            proof = Proof.CDP if row.protocol == "cdp" else Proof.LLDP
            if far is None or far == device:
                continue
            port, far_port = self.ports.find(device, row.port), self.ports.find(far, row.far_port)
            detail = f"{row.system or row.chassis or row.address} port {row.far_port or '?'} (known by its {by})"
            yield Claim(proof, device, port, far, far_port, detail, SURE[proof])

    def _far(self, row: NeighbourRow) -> tuple[str | None, str]:
        owner = self.owner(row.chassis) if row.chassis else None
        if owner is not None:
            return owner[0], "MAC address"
        if row.address and (at := self._known.at(row.address)) is not None:
            return at, "address"
        return self._known.named(row.system), "name"

    def _heard_on(self, digest: Digest) -> dict[str, set[str]]:
        """The MAC addresses by port."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for mac, port, _ in digest.fdb:
            found[port].add(mac)
        return dict(found)

    def _by_forwarding(self, device: str) -> Iterator[Claim]:
        """The nearest device behind each port: the only one, or the switch that sees all the others elsewhere than
        where it sees us."""
        for port, macs in self._seen.get(device, {}).items():
            behind: dict[str, str | None] = {}
            for mac in macs:
                owner = self.owner(mac)
                if owner is not None and owner[0] != device:
                    behind[owner[0]] = owner[1]
            nearest = self._nearest(device, behind)
            if nearest is None:
                continue
            far, facing = nearest
            alone = len(macs) == 1 or facing is not None
            detail = f"MAC address of {far} is behind port {port}" + (
                f", ours behind its port {facing}" if facing else ""
            )
            far_port = self.ports.find(far, facing) or (behind[far] if far not in self._seen else None)
            weight = SURE[Proof.FDB] if alone else SHARED
            yield Claim(Proof.FDB, device, self.ports.find(device, port), far, far_port, detail, weight)

    def _nearest(self, device: str, behind: Mapping[str, str | None]) -> tuple[str, str | None] | None:
        """Which of the devices behind a port stands next to it, and the port where that one sees us."""
        if len(behind) == 1:
            (only,) = behind
            return only, self._where(only, device)
        for far in sorted(behind):
            facing = self._where(far, device)
            if facing is not None and all(
                self._where(far, other) not in (facing, None) for other in behind if other != far
            ):
                return far, facing
        return None

    def _where(self, switch: str, other: str) -> str | None:
        """The port on which a switch sees a device; None where it does not."""
        if switch not in self._at:
            found: dict[str, str] = {}
            for port, macs in self._seen.get(switch, {}).items():
                for mac in macs:
                    owner = self.owner(mac)
                    if owner is not None:
                        found.setdefault(owner[0], port)
            self._at[switch] = found
        return self._at[switch].get(other)

    def _by_arp(self, device: str, digest: Digest) -> Iterator[Claim]:
        """A port with one other address on it is a line between two."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for _, mac, port in digest.arp:
            if mac[:14] not in VIRTUAL:
                found[port].add(mac)
        for port, macs in found.items():
            owners = {self.owner(mac) for mac in macs}
            (first, *more) = owners
            if more or first is None or first[0] == device:
                continue
            detail = f"only {first[0]} answers ARP on port {port}"
            yield Claim(Proof.ARP, device, self.ports.find(device, port), first[0], first[1], detail, SURE[Proof.ARP])
