"""From claims to links: what two devices say of each other is one link, what speaks against it is told. Pure.

The inventory's links win: what is claimed of them is their evidence, what contradicts them is a conflict that is shown
and counts for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import prod

from wardwatch.model.inventory import Circuit, Inventory, Link
from wardwatch.model.topology import Evidence, FoundLink, LinkEnd, Proof
from wardwatch.topology.claims import SURE, Claim
from wardwatch.topology.ports import PortNames

SUREST = 0.99
"""What is only discovered is never as sure as what a person wrote down."""

GUESS = 0.5
"""What is believed less than this contradicts nobody."""

_PROTOCOLS = frozenset({Proof.LLDP, Proof.CDP})

Pair = tuple[str, str]
Ports = tuple[str | None, str | None]


@dataclass(slots=True)
class Draft:
    """A link in the making: the devices in the order of their ids, the port of each."""

    pair: Pair
    ports: Ports
    claims: list[Claim] = field(default_factory=list)
    link: Link | None = None
    conflict: str = ""

    def fits(self, ports: Ports) -> bool:
        """Whether these may be its ports: no known one differs."""
        return all(
            mine is None or other is None or mine == other for mine, other in zip(self.ports, ports, strict=True)
        )

    def take(self, claim: Claim, ports: Ports) -> None:
        self.claims.append(claim)
        self.ports = (self.ports[0] or ports[0], self.ports[1] or ports[1])

    @property
    def confidence(self) -> float:
        if self.link is not None:
            return 1.0
        return together(claim.weight for claim in {(each.proof, each.device): each for each in self.claims}.values())

    def ends(self) -> Iterable[tuple[str, str]]:
        """The ends whose port is known."""
        return [(device, port) for device, port in zip(self.pair, self.ports, strict=True) if port is not None]


def together(weights: Iterable[float]) -> float:
    """How far several independent claims are believed together."""
    return min(SUREST, 1.0 - prod(1.0 - weight for weight in weights))


def drafts(inventory: Inventory, claims: Iterable[Claim], ports: PortNames) -> list[Draft]:
    """The links of the inventory and those that are claimed beside them, conflicts marked."""
    found: defaultdict[Pair, list[Draft]] = defaultdict(list)
    for link in inventory.links.values():
        if {link.upstream, link.downstream} <= inventory.devices.keys():
            written = ports.find(link.upstream, link.upstream_port), ports.find(link.downstream, link.downstream_port)
            pair, ordered = _ordered(link.upstream, link.downstream, written)
            found[pair].append(Draft(pair, ordered, link=link))
    # Who names both ports comes first, so that who names one finds the right one of two parallel links.
    for claim in sorted(claims, key=lambda claim: (claim.far_port is None) + (claim.port is None)):
        pair, ordered = _ordered(claim.device, claim.far, (claim.port, claim.far_port))
        _place(found[pair], pair, claim, ordered)
    return _settled([draft for each in found.values() for draft in each])


def _ordered(one: str, two: str, ports: Ports) -> tuple[Pair, Ports]:
    return ((one, two), ports) if one < two else ((two, one), (ports[1], ports[0]))


def _place(known: list[Draft], pair: Pair, claim: Claim, ports: Ports) -> None:
    """Into the link whose ports it names; where it names none, into any that fits."""
    fitting = [draft for draft in known if draft.fits(ports)]
    shared = [
        draft
        for draft in fitting
        if any(mine and mine == other for mine, other in zip(draft.ports, ports, strict=True))
    ]
    if chosen := shared or fitting:
        chosen[0].take(claim, ports)
    elif claim.proof in _PROTOCOLS or not known:
        draft = Draft(pair, ports)
        draft.take(claim, ports)
        known.append(draft)


def _settled(every: list[Draft]) -> list[Draft]:
    """Two links at one port: the inventory's stands, else the surer one. The other is told why not; a mere guess, as a
    switch makes while others have not told their addresses yet, is dropped without a word."""
    at: defaultdict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in every:
        for end in draft.ends():
            at[end].append(draft)
    dropped: set[int] = set()
    for (device, port), rivals in at.items():
        ranked = sorted(rivals, key=lambda draft: (draft.link is None, -draft.confidence, draft.pair))
        first, others = ranked[0], [draft for draft in ranked[1:] if draft.confidence >= GUESS]
        dropped |= {id(draft) for draft in ranked[1:] if draft.confidence < GUESS}
        for other in others:
            told = "the inventory says that it leads" if first.link is not None else "it is said more surely to lead"
            other.conflict = other.conflict or f"port {port} of {device}: {told} to {_far(first, device)}"
        if others and first.link is not None and not first.claims and others[0].claims:
            said = others[0].claims[0]
            first.conflict = f"port {port} of {device}: {said.proof} says that it leads to {_far(others[0], device)}"
    return [draft for draft in every if id(draft) not in dropped]


def _far(draft: Draft, device: str) -> str:
    return draft.pair[1] if draft.pair[0] == device else draft.pair[0]


def finished(
    draft: Draft,
    upper: str,
    heard: Mapping[str, datetime],
    now: datetime,
    circuits: Iterable[Circuit],
    ports: PortNames,
) -> FoundLink:
    """The link of a draft. `heard` says until when each device was heard: what it claims was true then."""
    first, second = (
        LinkEnd(device, port, ports.index(device, port)) for device, port in zip(draft.pair, draft.ports, strict=True)
    )
    evidence = tuple(
        Evidence(claim.proof, claim.device, claim.detail, heard.get(claim.device, now)) for claim in draft.claims
    )
    if draft.link is not None:
        upper = draft.link.upstream
        evidence = (Evidence(Proof.INVENTORY, upper, f"link {draft.link.id}", now), *evidence)
    seen = max((each.at for each in evidence), default=now)
    end_up, end_down = (first, second) if upper == first.device else (second, first)
    circuit = draft.link.circuit if draft.link is not None else _circuit(draft, circuits, ports)
    return FoundLink(
        draft.link.id if draft.link is not None else _name(first, second),
        end_up,
        end_down,
        round(draft.confidence if not draft.conflict or draft.link is not None else draft.confidence / 2, 3),
        evidence,
        seen,
        seen,
        conflict=draft.conflict,
        link=draft.link.id if draft.link is not None else None,
        circuit=circuit,
    )


def weight_of(evidence: Iterable[Evidence]) -> float:
    """How far a link is believed that nobody claims any more, by what spoke for it."""
    return together({(each.proof, each.device): SURE[each.proof] for each in evidence}.values())


def _name(first: LinkEnd, second: LinkEnd) -> str:
    return "--".join(f"{end.device}:{end.port or '?'}" for end in (first, second))


def _circuit(draft: Draft, circuits: Iterable[Circuit], ports: PortNames) -> str | None:
    """The leased line whose number somebody wrote on one of the ports."""
    aliases = [ports.alias(device, port) for device, port in draft.ends()]
    return next(
        (
            each.id
            for each in circuits
            if each.provider_reference and any(each.provider_reference in a for a in aliases)
        ),
        None,
    )


def steadied(link: FoundLink, before: FoundLink | None) -> FoundLink:
    """A link that was known before keeps its first sight."""
    return link if before is None else replace(link, first_seen=min(before.first_seen, link.first_seen))
