"""From what was heard to the queue: who is known, who is the same as before, who is new. Pure."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wardwatch.discovery.known import Known, canonical, plain_mac, plain_serial
from wardwatch.discovery.proposals import Proposer
from wardwatch.model.discovery import Candidate, CandidateState, Heard

_NAMES = uuid.UUID("0c2e1b6a-8a0e-5f55-9a5e-6d6f0f6f2b11")
_DECIDED = frozenset({CandidateState.ACCEPTED, CandidateState.MERGED})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is to be saved, each with its keys, and how many were devices of the inventory."""

    candidates: tuple[tuple[Candidate, tuple[str, ...]], ...] = ()
    known: int = 0


@dataclass(slots=True)
class _Pile:
    """The candidates so far, by id and by key."""

    by_key: dict[str, str]
    before: dict[str, Candidate]
    now: dict[str, Candidate] = field(default_factory=dict)

    def same(self, keys: Sequence[str]) -> Candidate | None:
        found = next((self.by_key[key] for key in keys if key in self.by_key), None)
        return (self.now.get(found) or self.before[found]) if found is not None else None

    def put(self, candidate: Candidate) -> None:
        self.now[candidate.id] = candidate
        for key in keys_of(candidate.heard):
            self.by_key[key] = candidate.id


def keys_of(heard: Heard) -> tuple[str, ...]:
    """What a candidate is known by, the surest first."""
    keys = []
    if serial := plain_serial(heard.serial):
        keys.append(f"serial:{serial}")
    if chassis := plain_mac(heard.chassis):
        keys.append(f"chassis:{chassis}")
    return (*keys, f"address:{canonical(heard.address)}:{heard.port}")


def gather(heard: Iterable[Heard], stored: Mapping[str, Candidate], known: Known, proposer: Proposer) -> Gathered:
    """What becomes of what was heard. `stored` are the candidates that have one of its keys.

    A rejected candidate stays rejected; one that was accepted comes back when its device has left the inventory.
    """
    pile = _Pile({key: each.id for key, each in stored.items()}, {each.id: each for each in stored.values()})
    count = 0
    for each in heard:
        device = known.device(each)
        before = pile.same(keys_of(each))
        if device is not None:
            count += 1
            if before is not None and before.state is CandidateState.NEW:
                pile.put(replace(before, state=CandidateState.MERGED, device=device, last_seen=each.at))
            continue
        pile.put(_met(each, known, proposer, pile) if before is None else _again(before, each, known, proposer))
    saved = []
    for candidate in pile.now.values():
        stood = pile.before.get(candidate.id)
        version = stood.version + 1 if stood is not None else 1
        saved.append((replace(candidate, version=version), keys_of(candidate.heard)))
    return Gathered(tuple(saved), count)


def _met(heard: Heard, known: Known, proposer: Proposer, pile: _Pile) -> Candidate:
    taken = {candidate.proposal.id for candidate in (*pile.before.values(), *pile.now.values())}
    return Candidate(
        str(uuid.uuid5(_NAMES, keys_of(heard)[0])),
        heard,
        proposer.propose(heard, taken),
        heard.at,
        heard.at,
        duplicate=known.duplicate(heard),
    )


def _again(before: Candidate, heard: Heard, known: Known, proposer: Proposer) -> Candidate:
    """A candidate that was seen again: what is new of it, nothing lost; its first address stays its own while that
    answers."""
    state = before.state
    if state in _DECIDED and before.device not in known.inventory.devices:
        state = CandidateState.NEW
    if state is not CandidateState.NEW:
        return replace(before, last_seen=max(before.last_seen, heard.at))
    told = _joined(before.heard, heard)
    proposal = replace(proposer.propose(told), id=before.proposal.id)
    last = max(before.last_seen, heard.at)
    return replace(
        before,
        heard=told,
        proposal=proposal,
        state=state,
        last_seen=last,
        duplicate=known.duplicate(told),
        device=None,
        decided_by=None,
        decided_at=None,
    )


def _joined(before: Heard, newer: Heard) -> Heard:
    """The newer words, and the older ones where it has none."""
    # Who answered to a login is surer of itself than what a neighbour or another system says of it.
    if before.credential is not None and newer.credential is None:
        before, newer = newer, before
    texts = {
        name: getattr(newer, name) or getattr(before, name)
        for name in ("credential", "name", "object_id", "descr", "family", "vendor", "model", "serial", "chassis")
    }
    more = {name: getattr(newer, name) or getattr(before, name) for name in ("seen_by", "role", "place", "ports")}
    others = dict.fromkeys((*before.addresses, *newer.addresses, before.address))
    others.pop(newer.address, None)
    return replace(newer, **texts, **more, addresses=tuple(others), at=max(before.at, newer.at))
