"""Finding things by what people type: folded words, codes and addresses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from api.city import City
from api.schemas.system import HitKind
from wardwatch.model.text import fold, nfc

# The names of a city are folded again and again while somebody types.
_folded = lru_cache(maxsize=32_768)(fold)


def has_words(words: list[str], *texts: str) -> bool:
    """Whether every (folded) word stands in one of the texts."""
    if not words:
        return True
    folded = [_folded(text) for text in texts]
    return all(any(word in text for text in folded) for word in words)


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found; a lower rank is a better hit."""

    rank: int
    kind: HitKind
    id: str
    name: str
    detail: str
    unit: str


def find(city: City, typed: str, limit: int) -> tuple[list[Hit], int]:
    """The best hits and how many there are: exact code, id or address; the name as typed, with its marks; names that
    begin so; names that have all words; codes and addresses that contain it."""
    typed = nfc(typed)
    if not typed:
        return [], 0
    ranked = []
    for hit, keys in _things(city):
        rank = _rank(typed, hit.name, keys)
        if rank is not None:
            ranked.append(Hit(rank, hit.kind, hit.id, hit.name, hit.detail, hit.unit))
    ranked.sort(key=lambda hit: (hit.rank, len(hit.name), fold(hit.name), hit.id))
    return ranked[:limit], len(ranked)


def _rank(typed: str, name: str, keys: Iterable[str]) -> int | None:
    folded, folded_name = fold(typed), _folded(name)
    folded_keys = [_folded(key) for key in keys]
    if folded in folded_keys:
        return 0
    if typed.casefold() in name.casefold():
        return 1
    if folded_name.startswith(folded):
        return 2
    if has_words(folded.split(), name):
        return 3
    if any(folded in key for key in folded_keys):
        return 4
    return None


def _things(city: City) -> Iterator[tuple[Hit, tuple[str, ...]]]:
    for unit in city.units.values():
        hit = Hit(0, HitKind.UNIT, unit.id, unit.name, f"{unit.kind} · {unit.code}", unit.parent or unit.id)
        yield hit, (unit.id, unit.code)
    for device in city.inventory.devices.values():
        hit = Hit(0, HitKind.DEVICE, device.id, device.name, f"{device.role} · {device.address}", device.unit)
        yield hit, (device.id, device.address, *device.addresses)
    for service in city.inventory.services.values():
        detail = f"{service.kind} · {service.code}" if service.code else service.kind
        hit = Hit(0, HitKind.SERVICE, service.id, service.name, detail, service.owner)
        yield hit, (service.id, service.code or "", service.hostname or "", *service.addresses)
