"""Who acts, and what they may see."""

from dataclasses import dataclass
from enum import StrEnum

FIRST_ADMINISTRATOR = "admin"
"""The user name that an installation begins with."""


class Role(StrEnum):
    """What a person may do inside their units; each role includes the reading of all of them."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ANALYST = "analyst"
    DIRECTOR = "director"
    ENGINEER = "engineer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Scope:
    """The units whose data the caller may see: `units` is None for the whole city.

    A scope is resolved once, when a caller is authenticated, from the subtrees of their grants, and is
    applied inside the query of a store. Records that belong to no unit are seen with the whole city only.
    """

    units: frozenset[str] | None

    @classmethod
    def everything(cls) -> "Scope":
        return cls(None)

    @classmethod
    def of(cls, *units: str) -> "Scope":
        return cls(frozenset(units))

    def sees(self, *units: str | None) -> bool:
        """Whether any of the units a thing belongs to is in sight."""
        return self.units is None or any(unit in self.units for unit in units if unit is not None)

    def narrowed(self, units: frozenset[str]) -> "Scope":
        """This scope, further limited to the given units."""
        return Scope(units if self.units is None else self.units & units)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who performs a write: a person's user name or a part of the system (`system:core`), and from where."""

    name: str
    address: str | None = None

    @classmethod
    def system(cls, part: str) -> "Actor":
        return cls(f"system:{part}")
