"""The profiles of a folder: read strictly, put together from what they include, and chosen for an agent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gufo.snmp import ValueType
from pydantic import BaseModel

from collectors.snmp.profiles.language import Match, Number, Profile, Source
from collectors.snmp.tables import text
from wardwatch.errors import DocumentError, Problem
from wardwatch.strict_yaml import load, nearest

VENDORS = Path(__file__).parent.parent / "vendors"
FALLBACK = "generic"
"""What is asked of an agent that no family knows."""

GATHERED = ("processors", "memory", "storage", "sensors", "neighbours", "bgp_peers", "tables")
"""What a profile has of several files together."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Profiles by name, each complete with what it includes."""

    profiles: Mapping[str, Profile]

    def looks(self, object_id: str) -> tuple[str, ...]:
        """The OIDs, with their index, that second looks at an agent with this object id ask for: none for most."""
        matches = (profile.match for profile in self.profiles.values() if profile.match is not None)
        asked = {match.present for match in matches if _lengths(match, object_id.lstrip("."))}
        return tuple(sorted(oid for oid in asked if oid is not None))

    def choose(self, object_id: str, descr: str, seen: Mapping[str, ValueType]) -> Profile:
        """The family of an agent. `seen` are the answers to `looks`. The longest object id wins; of equally long ones
        an OID that the agent answers tells more than words in its description."""
        best, profile = (-1, -1), self.profiles[FALLBACK]
        for candidate in self.profiles.values():
            if candidate.match is not None:
                rank = _rank(candidate.match, object_id.lstrip("."), descr, seen)
                if rank is not None and rank > best:
                    best, profile = rank, candidate
        return profile


def load_catalogue(folder: Path = VENDORS) -> Catalogue:
    """Every profile of a folder. Raises `DocumentError` that names file, line and key."""
    paths = sorted(folder.glob("*.yaml"))
    read = {path.stem: load(path, Profile) for path in paths}
    problems = [
        Problem(str(folder / f"{stem}.yaml"), 1, f"is called '{profile.name}' inside: name it '{stem}'")
        for stem, profile in read.items()
        if profile.name != stem
    ]
    problems += [
        Problem(str(folder / f"{stem}.yaml"), 1, f"includes '{other}': {nearest(other, list(read))}")
        for stem, profile in read.items()
        for other in profile.includes
        if other not in read
    ]
    if problems:
        raise DocumentError(problems)
    return Catalogue({stem: _complete(read, stem, (), folder) for stem in read})


def columns(profile: Profile) -> tuple[str, ...]:
    """Every column that a profile asks for, in the order of their OIDs."""
    found = set(_oids(profile))
    return tuple(sorted(found, key=lambda oid: [int(part) for part in oid.split(".")]))


def _complete(read: Mapping[str, Profile], name: str, above: tuple[str, ...], folder: Path) -> Profile:
    if name in above:
        chain = " > ".join((*above, name))
        raise DocumentError([Problem(str(folder / f"{name}.yaml"), 1, f"includes itself: {chain}")])
    profile = read[name]
    parts = [_complete(read, other, (*above, name), folder) for other in profile.includes]
    gathered = {kind: tuple(entry for part in (profile, *parts) for entry in getattr(part, kind)) for kind in GATHERED}
    system = profile.system.model_copy(
        update={
            key: next((found for part in parts if (found := getattr(part.system, key))), "")
            for key in ("version", "hardware", "serial")
            if not getattr(profile.system, key)
        }
    )
    names = {name: found for part in (*parts, profile) for name, found in part.system.names.items()}
    system = system.model_copy(update={"names": names})
    return profile.model_copy(update={**gathered, "system": system})


def _rank(match: Match, object_id: str, descr: str, seen: Mapping[str, ValueType]) -> tuple[int, int] | None:
    lengths = _lengths(match, object_id)
    if not lengths:
        return None
    passed = 0
    if match.descr is not None:
        if re.search(match.descr, descr) is None:
            return None
        passed += 1
    if match.present is not None:
        value = seen.get(match.present)
        if value is None or re.search(match.present_matches or "", text(value)) is None:
            return None
        passed += 2
    return max(lengths), passed


def _lengths(match: Match, object_id: str) -> list[int]:
    return [len(oid) for oid in match.object_ids if f"{object_id}.".startswith(f"{oid}.")]


def _oids(part: object) -> Iterator[str]:
    """OIDs of columns anywhere in a profile, except those it is chosen by."""
    if isinstance(part, Match):
        return
    if isinstance(part, Source):
        yield from (oid for oid in (part.oid, part.via) if oid is not None)
        if isinstance(part, Number):
            yield from (oid for oid in (part.times_by, part.over, part.exponent, part.decimals) if oid is not None)
            yield from _oids((*part.plus, *part.minus))
    elif isinstance(part, BaseModel):
        for key, value in part:
            if key == "row":
                yield str(value)
            else:
                yield from _oids(value)
    elif isinstance(part, (tuple, dict)):
        for entry in part.values() if isinstance(part, dict) else part:
            yield from _oids(entry)
