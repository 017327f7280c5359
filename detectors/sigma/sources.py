"""Which events a rule's logsource means, and what its fields are called there (`sources/*.yaml`, one file a source).

A logsource that names less means more: `category: dns` is every source that offers DNS, `product: suricata` every
event of Suricata. A field is first looked up in the source, then as an ECS key; what is neither is unknown, which is
told, and then read from the document under its own name.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field as Constrained

from detectors.sigma.terms import KEYWORD, Field, View
from wardwatch.strict_yaml import StrictModel, load

FOLDER = Path(__file__).with_name("sources")
_VIEWS = {f"{view.value} ": view for view in View if view is not View.PLAIN}
_NEAR = 0.9

Names = tuple[str, ...]


class Offer(StrictModel):
    """What a logsource may say to mean this source; several values of one key are alternatives."""

    category: Names = ()
    product: Names = ()
    service: Names = ()


class SourceDocument(StrictModel):
    """One source: `datasets` are values of `event.dataset`, `fields` names of Sigma to dotted keys of documents, each a
    key or several. Before a key may stand how it is read, as `readable url.query` (`detectors.sigma.terms.View`)."""

    offers: Annotated[tuple[Offer, ...], Constrained(min_length=1)]
    datasets: Annotated[Names, Constrained(min_length=1)]
    fields: Annotated[dict[str, str | Names], Constrained(default_factory=dict)]


class EcsDocument(StrictModel):
    """The keys our documents have; `open` are objects whose keys are not listed."""

    open: Names
    keys: Names


@dataclass(frozen=True, slots=True)
class Logsource:
    """What a rule says of its events."""

    category: str | None = None
    product: str | None = None
    service: str | None = None

    def __str__(self) -> str:
        said = (("category", self.category), ("product", self.product), ("service", self.service))
        return ", ".join(f"{key}: {value}" for key, value in said if value is not None)


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    offers: tuple[Offer, ...]
    datasets: Names
    fields: dict[str, Field]

    def is_meant(self, logsource: Logsource) -> bool:
        return any(
            (logsource.category is None or logsource.category.lower() in offer.category)
            and (logsource.product is None or logsource.product.lower() in offer.product)
            and (logsource.service is None or logsource.service.lower() in offer.service)
            for offer in self.offers
        )


@dataclass(frozen=True, slots=True)
class Route:
    """The events of one rule: their datasets, and its fields by the names it has for them."""

    datasets: Names
    sources: tuple[Source, ...]


class Sources:
    """All sources of a folder. Raises `DocumentError` when it is made."""

    def __init__(self, folder: Path = FOLDER) -> None:
        ecs = load(folder / "ecs.yaml", EcsDocument)
        self._open, self._keys = frozenset(ecs.open), frozenset(ecs.keys)
        self._sources = tuple(
            _source(path.stem, load(path, SourceDocument))
            for path in sorted(folder.glob("*.yaml"))
            if path.name != "ecs.yaml"
        )

    def route(self, logsource: Logsource) -> Route | None:
        """Where events of a logsource are; None where we have none."""
        meant = tuple(source for source in self._sources if source.is_meant(logsource))
        if not meant or logsource == Logsource():
            return None
        return Route(tuple(dict.fromkeys(name for source in meant for name in source.datasets)), meant)

    def field(self, name: str | None, route: Route | None) -> tuple[Field, str]:
        """A field of a rule, and what is wrong with its name ("" for nothing)."""
        if name is None:
            return Field(KEYWORD, (KEYWORD,)), ""
        known = [source.fields[name] for source in route.sources if name in source.fields] if route else []
        if known:
            keys = tuple(dict.fromkeys(key for field in known for key in field.keys))
            return Field(name, keys, known[0].view), ""
        found = _field(name, name)
        (bare,) = found.keys
        if bare in self._keys or found.view is View.PAIR:
            return found, ""
        near = difflib.get_close_matches(bare, self._keys, n=1, cutoff=_NEAR)
        if bare.partition(".")[0] in self._open and "." in bare and not near:
            return found, ""
        hint = f", did you mean '{near[0]}'?" if near else ""
        return found, f"the field '{name}' is unknown for these events{hint}"

    @property
    def datasets(self) -> frozenset[str]:
        return frozenset(name for source in self._sources for name in source.datasets)


def _source(name: str, document: SourceDocument) -> Source:
    return Source(name, document.offers, document.datasets, {k: _field(k, v) for k, v in document.fields.items()})


def _field(name: str, written: str | Names) -> Field:
    keys = (written,) if isinstance(written, str) else written
    for beginning, view in _VIEWS.items():
        if keys[0].startswith(beginning):
            return Field(name, tuple(key.removeprefix(beginning) for key in keys), view)
    return Field(name, tuple(keys))
