"""What traps mean and what their objects are called, as YAML: one document a group of MIBs in `catalogue/`."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from collectors.reception.finding import Finding, FindingDocument
from wardwatch.errors import DocumentError, Problem
from wardwatch.strict_yaml import StrictModel, load

CATALOGUE = Path(__file__).with_name("catalogue")
Oid = Annotated[str, Field(pattern=r"^[012](\.\d+)+$")]
Name = Annotated[str, Field(pattern="^[a-zA-Z][a-zA-Z0-9-]*$")]


class ObjectDocument(StrictModel):
    """An object that comes with traps; `values` are the words for its numbers."""

    oid: Oid
    values: dict[int, str] = Field(default_factory=dict)


class TrapDocument(FindingDocument):
    """One meaning of a trap. `also` are other numbers for the same (v1, older MIBs); `where` are objects that must
    have one of some values, as words or numbers. In words and conditions `{object}` stands for an object's value,
    `{index}` for the row it is of, `{interface}` for the best name of an interface."""

    name: Name
    oid: Oid
    also: tuple[Oid, ...] = ()
    where: dict[Name, tuple[str, ...]] = Field(default_factory=dict)


class CatalogueDocument(StrictModel):
    """A group of MIBs. Of several traps with one number the first that fits counts."""

    vendor: str | None
    objects: dict[Name, ObjectDocument] = Field(default_factory=dict)
    traps: tuple[TrapDocument, ...]


class CompiledDocument(StrictModel):
    """Names out of MIBs that the user has given (`wardwatch mibs compile`)."""

    objects: dict[Name, ObjectDocument] = Field(default_factory=dict)
    notifications: dict[Oid, Name] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    """An object by its name."""

    name: str
    values: dict[int, str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A trap's meaning ready for use."""

    name: str
    finding: Finding
    where: tuple[tuple[str, frozenset[str]], ...]
    vendor: str | None

    def fits(self, values: dict[str, str]) -> bool:
        return all(values.get(name) in wanted for name, wanted in self.where)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Objects and meanings by their numbers; `names` are of notifications that only the user's MIBs know."""

    objects: dict[str, Named]
    meanings: dict[str, tuple[Meaning, ...]]
    names: dict[str, str]


def load_catalogue(folder: Path = CATALOGUE, compiled: Path | None = None) -> Catalogue:
    """The documents of a folder, and the user's compiled MIBs if there are any. Raises `DocumentError`."""
    objects: dict[str, Named] = {}
    meanings: dict[str, list[Meaning]] = {}
    names: dict[str, str] = {}
    if compiled is not None and compiled.exists():
        of_user = load(compiled, CompiledDocument)
        _add_objects(objects, of_user.objects.items())
        names = dict(of_user.notifications)
    for path in sorted(folder.glob("*.yaml")):
        document = load(path, CatalogueDocument)
        _add_objects(objects, document.objects.items())
        known = {each.name for each in objects.values()}
        for trap in document.traps:
            if unknown := sorted(set(trap.where) - known):
                raise DocumentError([Problem(str(path), 0, f"trap {trap.name}: there is no object {unknown[0]}")])
            meaning = _meaning(trap, document.vendor)
            for oid in (trap.oid, *trap.also):
                meanings.setdefault(oid, []).append(meaning)
    return Catalogue(objects, {oid: tuple(found) for oid, found in meanings.items()}, names)


def _add_objects(objects: dict[str, Named], documents: Iterable[tuple[str, ObjectDocument]]) -> None:
    objects.update({document.oid: Named(name, document.values) for name, document in documents})


def _meaning(trap: TrapDocument, vendor: str | None) -> Meaning:
    finding = Finding.of(f"snmptrap.{trap.name}", "snmptrap", "snmptrap.trap", trap)
    return Meaning(trap.name, finding, tuple((name, frozenset(values)) for name, values in trap.where.items()), vendor)


def catalogue_schema() -> dict[str, Any]:
    """JSON Schema of a document."""
    schema = CatalogueDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "What SNMP traps mean"}
