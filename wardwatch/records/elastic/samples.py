"""Reads samples: the means of a series, the newest row of each index."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from wardwatch.model.access import Scope
from wardwatch.model.queries import LatestQuery, LatestRow, Series, SeriesQuery
from wardwatch.model.time import TimeRange
from wardwatch.records.elastic.filters import Clause, in_scope, in_time
from wardwatch.records.elastic.names import alias_name, samples_kind
from wardwatch.records.elastic.searching import search
from wardwatch.records.elastic.visibility import Visibility
from wardwatch.records.problems import LAST_TIME
from wardwatch.records.questions import asked_measurement, asked_step_ms

_STEPS_A_REQUEST = 5_000
_ROWS_A_REQUEST = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SampleReader:
    """Answers from the time-series indices behind the alias of a measurement and namespace."""

    def __init__(self, client: Elasticsearch, prefix: str, visibility: Visibility) -> None:
        self._client = client
        self._prefix = prefix
        self._visibility = visibility

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
        names = tuple(asked_measurement(query.measurement, ()).columns)
        clauses = [in_time(TimeRange(query.since, max(query.since, LAST_TIME))), *in_scope(scope, "unit")]
        if query.devices is not None:
            clauses.append({"terms": {"device": list(query.devices)}})
        keys = [{"device": {"terms": {"field": "device"}}}, {"index": {"terms": {"field": "metric_index"}}}]
        newest = {
            "top_hits": {
                "size": 1,
                "sort": [{"@timestamp": "desc"}],
                "_source": False,
                "docvalue_fields": [
                    "unit",
                    {"field": "@timestamp", "format": "strict_date_optional_time_nanos"},
                    *names,
                ],
            }
        }
        alias = alias_name(self._prefix, samples_kind(query.measurement), query.namespace)
        return [
            _row(bucket, names) for bucket in self._buckets(alias, clauses, keys, _ROWS_A_REQUEST, {"newest": newest})
        ]

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


def _row(bucket: dict[str, Any], names: Sequence[str]) -> LatestRow:
    fields = bucket["newest"]["hits"]["hits"][0]["fields"]
    at = datetime.fromisoformat(fields["@timestamp"][0]).astimezone(UTC)
    values = {name: fields[name][0] if name in fields else None for name in names}
    return LatestRow(bucket["key"]["device"], fields["unit"][0], bucket["key"]["index"], at, values)
