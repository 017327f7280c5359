"""Traffic as the API says it: units, services and applications by name."""

from functools import lru_cache
from typing import Any

from api.city import City
from api.schemas.base import WordsView
from api.schemas.flows import FullnessView, TalkView
from api.views.units import unit_ref
from collectors.flows.applications import Applications, load_applications
from collectors.flows.placing import SERVICE
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.flows import REST, TrafficKey
from wardwatch.traffic import Fullness, Talk


class TrafficNames:
    """What a city calls the things that traffic is of; made for one answer."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._addresses = Addresses(city.inventory)

    def talk(self, talk: Talk, seconds: float) -> TalkView:
        mean = talk.bytes * 8 / seconds
        return TalkView(**self._kind(talk.key), bytes=talk.bytes, packets=talk.packets, mean_bps=mean)

    def fullness(self, found: Fullness) -> FullnessView:
        return FullnessView(
            **self._kind(found.key),
            percentile_bps=found.percentile_bps,
            mean_bps=found.mean_bps,
            highest_bps=found.highest_bps,
        )

    def _kind(self, key: TrafficKey) -> dict[str, Any]:
        peer = self._addresses.locate(key.peer) if key.peer not in ("", REST) else None
        return {
            "direction": key.direction,
            "unit": unit_ref(self._city, key.unit),
            "application": key.application or None,
            "title": self._title(key.application),
            "local": key.local or None,
            "peer": key.peer or None,
            "peer_unit": unit_ref(self._city, peer.unit) if peer is not None else None,
        }

    def _title(self, application: str) -> WordsView | None:
        if application.startswith(SERVICE):
            service = self._city.inventory.services.get(application.removeprefix(SERVICE))
            return WordsView(vi=service.name, en=service.name) if service else None
        words = _applications().titles.get(application)
        return WordsView(vi=words.vi, en=words.en) if words else None


@lru_cache(1)
def _applications() -> Applications:
    return load_applications()
