"""The topology of a city from its inventory, what its devices say, and what was known before. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wardwatch.discovery.known import Known
from wardwatch.model.inventory import Inventory, Link
from wardwatch.model.topology import Found, FoundLink
from wardwatch.topology.claims import Surroundings
from wardwatch.topology.digests import Digest
from wardwatch.topology.direction import Steps
from wardwatch.topology.groups import redundancy_groups
from wardwatch.topology.links import drafts, finished, steadied, weight_of

ENOUGH = 0.5
"""So sure a discovered link must be to count where the inventory has none."""


@dataclass(frozen=True, slots=True)
class Ages:
    """How long a link that nobody confirms is kept: `stale_after` it is shown as such, every `half_life` it is believed
    half as much, after `forget_after` it goes."""

    stale_after: timedelta = timedelta(days=1)
    half_life: timedelta = timedelta(days=3)
    forget_after: timedelta = timedelta(days=7)


def build(
    inventory: Inventory,
    digests: Mapping[str, Digest],
    known: Known,
    heard: Mapping[str, datetime],
    before: Found,
    now: datetime,
    ages: Ages | None = None,
) -> Found:
    """Links and groups as they are now. `heard` says until when each device answered."""
    ages = ages or Ages()
    around = Surroundings(known, digests)
    drafted = drafts(inventory, around.claims(), around.ports)
    steps = Steps(inventory, [draft.pair for draft in drafted if draft.link is not None or not draft.conflict])
    circuits = list(inventory.circuits.values())
    old = {link.id: link for link in before.links}
    links: dict[str, FoundLink] = {}
    for draft in drafted:
        link = finished(draft, steps.upper(*draft.pair), heard, now, circuits, around.ports)
        aged = _aged(steadied(link, old.get(link.id)), now, ages)
        if aged is not None:
            links[link.id] = aged
    _keep(links, old.values(), inventory, now, ages)
    every = tuple(links[name] for name in sorted(links))
    return Found(every, redundancy_groups(inventory, every, digests))


def _aged(link: FoundLink, now: datetime, ages: Ages) -> FoundLink | None:
    """A link that nobody has confirmed lately is believed less and less, and goes at last. The inventory's stay."""
    age = now - link.last_seen
    if link.link is not None or age <= ages.stale_after:
        return link
    if age > ages.forget_after:
        return None
    faded = link.confidence * 0.5 ** (age / ages.half_life)
    return replace(link, stale=True, confidence=round(faded, 3))


def _keep(
    links: dict[str, FoundLink], before: Iterable[FoundLink], inventory: Inventory, now: datetime, ages: Ages
) -> None:
    """Keeps what was known and nobody says any more, unless something else is on one of its ports now: a neighbour
    that is switched off falls silent, but its cable is still there."""
    taken = {(end.device, end.port) for link in links.values() for end in (link.upper, link.lower) if end.port}
    joined = {frozenset((link.upper.device, link.lower.device)) for link in links.values()}
    for link in before:
        ends = (link.upper, link.lower)
        if link.id in links or link.link is not None or link.conflict:
            continue
        if not {end.device for end in ends} <= inventory.devices.keys():
            continue
        nameless = any(end.port is None for end in ends) and frozenset(end.device for end in ends) in joined
        if nameless or any((end.device, end.port) in taken for end in ends):
            continue
        kept = _aged(replace(link, confidence=round(weight_of(link.evidence), 3)), now, ages)
        if kept is not None:
            links[link.id] = replace(kept, stale=True)


def counting(inventory: Inventory, found: Found) -> tuple[Link, ...]:
    """The discovered links that count: of devices that the inventory hangs from nothing, sure enough and without
    conflict. Two devices that are equally far from the core reach each other both ways."""
    hanging = {link.downstream for link in inventory.links.values()}
    chosen = [
        link
        for link in found.links
        if link.link is None
        and not link.conflict
        and link.confidence >= ENOUGH
        and link.lower.device not in hanging
        and {link.upper.device, link.lower.device} <= inventory.devices.keys()
    ]
    pairs = [(link.upstream, link.downstream) for link in inventory.links.values()]
    steps = Steps(inventory, pairs + [(link.upper.device, link.lower.device) for link in chosen])
    counted = []
    for link in chosen:
        upper, lower = link.upper, link.lower
        counted.append(Link(link.id, upper.device, lower.device, upper.port, lower.port, link.circuit))
        if steps.level(upper.device, lower.device) and upper.device not in hanging:
            counted.append(Link(f"{link.id}~", lower.device, upper.device, lower.port, upper.port, link.circuit))
    return tuple(counted)
