"""Suppressions: alerts that somebody has decided not to see for a while, with the reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from wardwatch.model.incidents import AlertGroup

LONGEST = timedelta(days=365)
BROADEST_PREFIX = {4: 8, 6: 16}
"""The shortest prefix, by IP version, that a suppression may name."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Suppression:
    """Hides alert groups that meet every condition that is set, from `created_at` until it expires or is ended.

    `source` and `destination` are addresses or prefixes; `unit` stands for its whole subtree. What is hidden is stored
    and counted all the same, and opens no incident.
    """

    id: str
    owner: str
    reason: str
    created_at: datetime
    expires_at: datetime
    rule_id: str | None = None
    source: str | None = None
    destination: str | None = None
    unit: str | None = None
    device: str | None = None
    ended_at: datetime | None = None

    def active(self, at: datetime) -> bool:
        """Whether it hides anything at a moment."""
        return self.created_at <= at < self.expires_at and (self.ended_at is None or at < self.ended_at)

    def hides(self, group: AlertGroup, subtree: Collection[str]) -> bool:
        """Whether a group meets every condition; `subtree` are the units under `unit`, itself included."""
        return (
            self.rule_id in (None, group.rule_id)
            and self.device in (None, group.device)
            and (self.unit is None or group.unit in subtree)
            and within(group.source_ip, self.source)
            and within(group.destination_ip, self.destination)
        )


def within(address: str | None, network: str | None) -> bool:
    """Whether an address lies in a network; every address, and none, lies in no network given."""
    if network is None:
        return True
    if address is None:
        return False
    try:
        return ip_address(address) in network_of(network)
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def network_of(text: str) -> Network:
    """A prefix or a single address. Raises `ValueError`."""
    return ip_network(text, strict=False)
