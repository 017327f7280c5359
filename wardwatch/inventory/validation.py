"""Rules between records: names that must exist, ids and addresses that must be alone, a tree without cycles."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache

from wardwatch.errors import Problem
from wardwatch.inventory.documents import KINDS
from wardwatch.inventory.places import Collected, Entry
from wardwatch.model.inventory import Device, Unit
from wardwatch.strict_yaml import nearest

REFERENCES: dict[str, dict[str, str]] = {
    "units": {"parent": "units", "successors": "units"},
    "zones": {},
    "sites": {"unit": "units"},
    "credentials": {},
    "devices": {"unit": "units", "site": "sites", "zone": "zones", "credential": "credentials"},
    "circuits": {},
    "links": {"upstream": "devices", "downstream": "devices", "circuit": "circuits"},
    "services": {"owner": "units", "devices": "devices", "depends_on": "services"},
    "checks": {"service": "services"},
}
"""Which kind each key names."""

_NAMES = {"units": "unit", "sites": "site", "zones": "zone", "credentials": "credential", "devices": "device",
          "circuits": "circuit", "services": "service", "links": "link", "checks": "check"}  # fmt: skip


def problems_between(collected: Collected) -> list[Problem]:
    """Every broken rule between the records. References are left out when a whole file could not be read, since all
    that name its records would seem wrong."""
    found = list(_twice(collected.entries))
    if not collected.unread:
        found += _unknown(collected)
    found += _cycles(collected.entries)
    found += _shared(collected.entries)
    return found


def _twice(entries: list[Entry]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = first.setdefault((entry.kind, entry.record.id), entry)
        if before is not entry:
            yield entry.place.problem("id", f"'{entry.record.id}' is already at {before.place}")


def _unknown(collected: Collected) -> Iterator[Problem]:
    known = {kind: set(collected.broken.get(kind, ())) for kind in KINDS}
    for entry in collected.entries:
        known[entry.kind].add(entry.record.id)
    listed = {kind: sorted(ids) for kind, ids in known.items()}

    # A missing zone may be named by a thousand devices; looking for its nearest is slow.
    @cache
    def hint(kind: str, word: str) -> str:
        return nearest(word, listed[kind])

    for entry in collected.entries:
        for key, kind in REFERENCES[entry.kind].items():
            for index, word in _words(getattr(entry.record, key)):
                if word not in known[kind]:
                    yield entry.place.problem(key, f"there is no {_NAMES[kind]} '{word}': {hint(kind, word)}", index)
                elif kind == entry.kind and word == entry.record.id:
                    yield entry.place.problem(key, f"'{word}' names itself", index)


def _words(value: str | tuple[str, ...] | None) -> Iterable[tuple[int | None, str]]:
    if value is None:
        return ()
    return [(None, value)] if isinstance(value, str) else list(enumerate(value))


def _cycles(entries: list[Entry]) -> Iterator[Problem]:
    """Each cycle of units once, at the unit where it was met."""
    units = {entry.record.id: (entry, entry.record) for entry in entries if isinstance(entry.record, Unit)}
    settled: set[str] = set()
    for start in units:
        path: list[str] = []
        at: str | None = start
        while at in units and at not in settled and at not in path:
            path.append(at)
            at = units[at][1].parent
        if at in path and len(path) - path.index(at) > 1:
            circle = [*path[path.index(at) :], at]
            yield units[at][0].place.problem("parent", f"the units go round in a circle: {' -> '.join(circle)}")
        settled.update(path)


def _shared(entries: list[Entry]) -> Iterator[Problem]:
    """Values that only one record may have. A unit that is no longer valid shares its network and tile with those
    that took over."""
    units = [(entry, entry.record) for entry in entries if isinstance(entry.record, Unit)]
    devices = [(entry, entry.record) for entry in entries if isinstance(entry.record, Device)]
    current = [(entry, unit) for entry, unit in units if unit.valid_to is None]
    polled = [(entry, (device.address, device.snmp_port)) for entry, device in devices]
    yield from _alone("address", polled, lambda pair: f"{pair[0]} port {pair[1]}")
    yield from _alone("code", [(entry, unit.code) for entry, unit in current], str)
    yield from _alone("tile", [(entry, unit.tile) for entry, unit in current if unit.tile is not None], str)
    yield from _alone("networks", [(entry, network) for entry, unit in current for network in unit.networks], str)


def _alone(key: str, values: Iterable[tuple[Entry, Hashable]], show: Callable[..., str]) -> Iterator[Problem]:
    first: dict[Hashable, Entry] = {}
    for entry, value in values:
        before = first.setdefault(value, entry)
        if before is not entry:
            message = f"{show(value)} is already that of '{before.record.id}' at {before.place}"
            yield entry.place.problem(key, message)
