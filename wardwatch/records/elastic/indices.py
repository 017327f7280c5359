"""Daily indices: made by us with their mapping, before anything is written to them.

Records are sent through a write alias that only we make (`INDEX-write`, with `require_alias`): where somebody deleted
an index, the server answers that there is none instead of making one with a guessed mapping.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from wardwatch.errors import StoreFault
from wardwatch.records.elastic import mappings
from wardwatch.records.elastic.client import faults
from wardwatch.records.elastic.names import EVENTS, OUTCOMES, REJECTED, alias_name, index_name
from wardwatch.records.elastic.settings import ElasticSettings

log = logging.getLogger(__name__)

_MARK = {"made_by": "wardwatch"}
_REFRESH = "30s"
"""How often the server shows new records by itself; readers ask for it when they need it sooner."""


@dataclass(frozen=True, slots=True)
class Place:
    """The index of a kind and namespace on a day."""

    kind: str
    namespace: str
    day: date


def made_by_us(about: Any) -> bool:
    """Whether an index, by what the server says of it, was made here."""
    return bool(about.get("mappings", {}).get("_meta", {}).get("made_by") == _MARK["made_by"])


class Indices:
    """Makes indices and lets them go. Thread-safe."""

    def __init__(self, client: Elasticsearch, settings: ElasticSettings) -> None:
        self._client = client
        self._settings = settings
        self._known: dict[Place, str] = {}
        self._turn = threading.Lock()
        self.made_again = 0

    def target(self, place: Place) -> str:
        """The write alias of an index that is there."""
        with self._turn:
            if place not in self._known:
                self._known[place] = self._make(place)
            return self._known[place]

    def missing(self, place: Place) -> None:
        """The server says that the index or its write alias is gone: it is made again."""
        with self._turn:
            if self._client.indices.exists_alias(name=f"{self.name(place)}-write"):
                return  # Another request met the same, and it is there again.
            self._known.pop(place, None)
            self.made_again += 1
            log.error("an index was deleted by somebody and is made again index=%s", self.name(place))
            self._known[place] = self._make(place)

    def prepare(self, today: date) -> None:
        """Makes tomorrow's indices of what is written today, and gives today's the aliases they may have lost."""
        with self._turn:
            current = [place for place in self._known if place.day == today]
            for place in list(self._known):
                if place.day < today - timedelta(days=2):
                    del self._known[place]
            for place in current:
                self._make(place)
                following = Place(place.kind, place.namespace, today + timedelta(days=1))
                if following not in self._known:
                    self._known[following] = self._make(following)

    def remove(self, today: date) -> int:
        """Deletes the indices past their age; returns how many."""
        prefix = self._settings.prefix
        with faults("asking for the indices of"):
            found = self._client.indices.get(index=f"{prefix}-*", filter_path="*.mappings._meta")
        names = [name for name, about in found.body.items() if self._is_over(name, about, today)]
        for name in names:
            with faults("deleting an index of"):
                self._client.indices.delete(index=name, ignore_unavailable=True)
            log.info("index retired index=%s", name)
        with self._turn:
            self._known = {place: alias for place, alias in self._known.items() if self.name(place) not in names}
        return len(names)

    def keeps(self, kind: str, today: date) -> date:
        """The oldest day that a kind is kept."""
        settings = self._settings
        ages = {EVENTS: settings.keep_events, REJECTED: settings.keep_rejected}
        return today - ages.get(kind, settings.keep_samples)

    def name(self, place: Place) -> str:
        """The index itself."""
        return index_name(self._settings.prefix, place.kind, place.namespace, place.day)

    def _is_over(self, name: str, about: Any, today: date) -> bool:
        meta = about["mappings"]["_meta"]
        if meta.get("made_by") != _MARK["made_by"]:
            return False
        return date.fromisoformat(meta["day"]) < self.keeps(meta["kind"], today)

    def _make(self, place: Place) -> str:
        """Makes the index with its aliases, or gives them to one that is there; returns its write alias."""
        name, alias = self.name(place), alias_name(self._settings.prefix, place.kind, place.namespace)
        write = f"{name}-write"
        mapping = {**_mapping(place.kind), "_meta": {**_MARK, "kind": place.kind, "day": place.day.isoformat()}}
        with faults("making an index of"):
            try:
                self._client.indices.create(
                    index=name,
                    settings={"index": self._settings_of(place)},
                    mappings=mapping,
                    aliases={alias: {}, write: {"is_write_index": True}},
                )
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
                self._adopt(name, alias, write)
        return write

    def _adopt(self, name: str, alias: str, write: str) -> None:
        try:
            found = self._client.indices.get(index=name, filter_path="*.mappings._meta,*.aliases")
        except NotFoundError:
            raise StoreFault(f"the index {name} went while it was looked at", "nothing is lost: try again") from None
        about = found.body.get(name, {})
        if about.get("mappings", {}).get("_meta", {}).get("made_by") != _MARK["made_by"]:
            raise StoreFault(f"the index {name} was not made by WardWatch", "delete or rename it: it is in the way")
        if not {alias, write} <= set(about.get("aliases", {})):
            log.warning("an index gets its aliases again index=%s", name)
            actions = [{"add": {"index": name, "alias": each}} for each in (alias, write)]
            self._client.indices.update_aliases(actions=actions)

    def _settings_of(self, place: Place) -> dict[str, Any]:
        common = {
            "number_of_shards": self._settings.shards,
            "number_of_replicas": self._settings.replicas,
            "refresh_interval": _REFRESH,
            "mapping": {"source": {"mode": "stored"}},
        }
        if place.kind in (REJECTED, OUTCOMES):
            return common
        if place.kind == EVENTS:
            return {**common, **mappings.EVENT_SETTINGS}
        start = datetime.combine(place.day, time(), UTC)
        series = {"start_time": start.isoformat(), "end_time": (start + timedelta(days=1)).isoformat()}
        routing = list(mappings.SAMPLE_ROUTING)
        return {**common, "mode": "time_series", "routing_path": routing, "time_series": series}


def _mapping(kind: str) -> dict[str, Any]:
    plain = {
        EVENTS: mappings.event_mapping,
        REJECTED: mappings.rejected_mapping,
        OUTCOMES: mappings.outcome_mapping,
    }
    return plain[kind]() if kind in plain else mappings.sample_mapping(kind.removeprefix("samples_"))
