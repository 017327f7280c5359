"""Where a search may ask: inside the networks that the inventory gives to units and zones, and nowhere else."""

import ipaddress
from collections.abc import Iterator

from wardwatch.errors import UserError
from wardwatch.model.inventory import Inventory

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_ADDRESSES = 4096
"""Of one sweep: an IPv4 /20, an IPv6 /116."""

_SHOWN = 4


class Allowed:
    """The networks of an inventory: those of units that are valid today, and of zones."""

    def __init__(self, inventory: Inventory) -> None:
        named = [network for unit in inventory.units.values() if unit.valid_to is None for network in unit.networks]
        named += [network for zone in inventory.zones.values() for network in zone.networks]
        self._networks: list[Network] = [ipaddress.ip_network(text) for text in dict.fromkeys(named)]

    def prefix(self, text: str) -> Network:
        """The prefix to sweep. Raises `UserError` for one that is none, too large, or not inside the inventory's."""
        try:
            network: Network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise UserError(f"'{text}' is no prefix", "write it as 10.1.2.0/24 or 2001:db8::/120") from None
        if not any(_inside(network, allowed) for allowed in self._networks):
            raise UserError(
                f"{network} lies outside the networks of the inventory, and nothing else is asked",
                f"sweep inside {self._listed(network)}, or give a unit or zone this network first",
            )
        if network.num_addresses > MOST_ADDRESSES:
            longest = network.max_prefixlen - (MOST_ADDRESSES.bit_length() - 1)
            raise UserError(
                f"{network} has {network.num_addresses} addresses; one sweep asks at most {MOST_ADDRESSES}",
                f"sweep parts of it, each a /{longest} or longer",
            )
        return network

    def holds(self, address: str) -> bool:
        """Whether an address may be asked; False for what is no address."""
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(known.version == network.version and known in network for network in self._networks)

    def _listed(self, network: Network) -> str:
        """A few networks of the same family, the nearest first."""
        same = [allowed for allowed in self._networks if allowed.version == network.version]
        near = sorted(same, key=lambda allowed: abs(int(allowed.network_address) - int(network.network_address)))
        if not near:
            return f"a network of IPv{network.version} (the inventory has none)"
        more = f" (and {len(near) - _SHOWN} more)" if len(near) > _SHOWN else ""
        return ", ".join(map(str, near[:_SHOWN])) + more


def hosts(network: Network) -> Iterator[Address]:
    """The addresses of a prefix that a device may have, in order."""
    return iter(network.hosts())


def _inside(network: Network, allowed: Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network):
        return isinstance(allowed, ipaddress.IPv4Network) and network.subnet_of(allowed)
    return isinstance(allowed, ipaddress.IPv6Network) and network.subnet_of(allowed)
