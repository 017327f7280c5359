"""Reads samples: the means of a series, the newest row of each index."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from wardwatch.model.access import Scope
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.queries import LatestQuery, LatestRow, Series, SeriesQuery, Total, TotalKey, TotalsQuery
from wardwatch.model.time import TimeRange
from wardwatch.records.elastic.filters import Clause, in_scope, in_time
from wardwatch.records.elastic.names import alias_name, samples_kind
from wardwatch.records.elastic.newest import NewestRows
from wardwatch.records.elastic.searching import search
from wardwatch.records.elastic.visibility import Visibility
from wardwatch.records.problems import LAST_TIME
from wardwatch.records.questions import asked_measurement, asked_step_ms, asked_totals

_STEPS_A_REQUEST = 5_000
_KEYS_A_REQUEST = 50_000
_ROWS_A_REQUEST = 10_000
_SPARE_ROWS = 100
_TERMS_A_REQUEST = 10_000
_NEWEST_FIRST: list[Clause] = [
    {"@timestamp": {"order": "desc", "format": "strict_date_optional_time_nanos"}},
    {"device": "asc"},
    {"metric_index": "asc"},
]
_FIELDS = {TotalKey.DEVICE: "device", TotalKey.UNIT: "unit", TotalKey.INDEX: "metric_index"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SampleReader:
    """Answers from the time-series indices behind the alias of a measurement and namespace."""

    def __init__(self, client: Elasticsearch, prefix: str, visibility: Visibility, newest: NewestRows) -> None:
        self._client = client
        self._prefix = prefix
        self._visibility = visibility
        self._newest = newest

    def series(self, scope: Scope, query: SeriesQuery) -> Series:
        asked_measurement(query.measurement, query.columns)
        step = {"date_histogram": {"field": "@timestamp", "fixed_interval": f"{asked_step_ms(query.step)}ms"}}
        clauses = [
            {"term": {"device": query.device}},
            {"term": {"metric_index": query.index}},
            in_time(query.time),
            *in_scope(scope, "unit"),
        ]
        means = {column: {"avg": {"field": column}} for column in query.columns}
        alias = alias_name(self._prefix, samples_kind(query.measurement), query.namespace)
        buckets = list(self._buckets(alias, clauses, [{"step": step}], _STEPS_A_REQUEST, means))
        at = tuple(_EPOCH + timedelta(milliseconds=bucket["key"]["step"]) for bucket in buckets)
        columns = {column: tuple(bucket[column]["value"] for bucket in buckets) for column in query.columns}
        return Series(at, columns)

    def latest(self, scope: Scope, query: LatestQuery) -> Sequence[LatestRow]:
        asked_measurement(query.measurement, ())
        namespace, measurement, since = query.namespace, query.measurement, query.since
        if query.devices is not None and not self._newest.knows(namespace, measurement, since):
            among = [{"terms": {"device": list(query.devices)}}, *in_scope(scope, "unit")]
            rows = self._read_newest(measurement, namespace, since, among)
            return sorted(rows, key=lambda row: (row.device, row.index))

        def wanted(device: str, unit: str) -> bool:
            return (query.devices is None or device in query.devices) and scope.sees(unit)

        def read(start: datetime) -> Iterator[LatestRow]:
            return self._read_newest(measurement, namespace, start, [])

        return self._newest.rows(namespace, measurement, since, wanted, read)

    def totals(self, scope: Scope, query: TotalsQuery) -> Sequence[Total]:
        asked_totals(query)
        clauses = [in_time(query.time), *in_scope(scope, "unit")]
        for field, allowed in (("unit", query.units), ("device", query.devices)):
            if allowed is not None:
                clauses.append({"terms": {field: list(allowed)}})
        if query.begins:
            clauses.append({"bool": {"should": [{"prefix": {"metric_index": begin}} for begin in query.begins]}})
        keys = [_by(_FIELDS[key]) for key in query.by]
        if query.step is not None:
            interval = f"{asked_step_ms(query.step)}ms"
            keys.append({"step": {"date_histogram": {"field": "@timestamp", "fixed_interval": interval}}})
        sums = {column: {"sum": {"field": column}} for column in query.columns}
        alias = alias_name(self._prefix, samples_kind(query.measurement), query.namespace)
        return [
            Total(
                tuple(bucket["key"][_FIELDS[key]] for key in query.by),
                _EPOCH + timedelta(milliseconds=bucket["key"]["step"]) if query.step is not None else None,
                tuple(bucket[column]["value"] for column in query.columns),
            )
            for bucket in self._buckets(alias, clauses, keys, _STEPS_A_REQUEST, sums)
        ]

    def _read_newest(
        self, measurement: str, namespace: str, since: datetime, among: list[Clause]
    ) -> Iterator[LatestRow]:
        """Reads rows, newest first, until each device and index was met once."""
        alias = alias_name(self._prefix, samples_kind(measurement), namespace)
        names = tuple(MEASUREMENTS[measurement].columns)
        clauses = [in_time(TimeRange(since, max(since, LAST_TIME))), *among]
        self._visibility.refresh()
        keys = self._buckets(alias, clauses, [_by("device"), _by("metric_index")], _KEYS_A_REQUEST, {})
        missing = {(bucket["key"]["device"], bucket["key"]["metric_index"]) for bucket in keys}
        ask: Clause = {"sort": _NEWEST_FIRST}
        while missing:
            ask["query"] = {"bool": {"filter": [*clauses, *_of(missing)]}}
            ask["size"] = min(len(missing) + _SPARE_ROWS, _ROWS_A_REQUEST)
            hits = search(self._client, alias, ask)["hits"]["hits"]
            for hit in hits:
                row = _row(hit["_source"], names)
                if (row.device, row.index) in missing:
                    missing.remove((row.device, row.index))
                    yield row
            if len(hits) < ask["size"]:
                return
            ask["search_after"] = hits[-1]["sort"]

    def _buckets(
        self, alias: str, clauses: list[Clause], keys: list[Clause], size: int, aggregations: Clause
    ) -> Iterator[dict[str, Any]]:
        """All groups of the rows that fit, in the order of their keys; the server gives them in portions."""
        composite: Clause = {"size": size, "sources": keys}
        group = {"composite": composite, "aggs": aggregations} if aggregations else {"composite": composite}
        ask = {"query": {"bool": {"filter": clauses}}, "size": 0, "aggs": {"groups": group}}
        self._visibility.before_read()
        while True:
            found = search(self._client, alias, ask).get("aggregations", {}).get("groups", {"buckets": []})
            yield from found["buckets"]
            if len(found["buckets"]) < size:
                return
            composite["after"] = found["after_key"]


def _by(field: str) -> Clause:
    return {field: {"terms": {"field": field}}}


def _of(missing: set[tuple[str, str]]) -> list[Clause]:
    """The rows of the devices and of the indices that are missing, and of few others."""
    devices, indices = ({key[place] for key in missing} for place in (0, 1))
    if max(len(devices), len(indices)) > _TERMS_A_REQUEST:
        return []
    return [{"terms": {"device": sorted(devices)}}, {"terms": {"metric_index": sorted(indices)}}]


def _row(source: dict[str, Any], names: Sequence[str]) -> LatestRow:
    at = datetime.fromisoformat(source["@timestamp"]).astimezone(UTC)
    values = {name: source.get(name) for name in names}
    return LatestRow(source["device"], source["unit"], source["metric_index"], at, values)
