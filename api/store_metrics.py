"""What the record store met and got over, for Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from wardwatch.ports import RecordReader


class StoreMetrics(Collector):
    """`wardwatch_store_troubles_total`, label kind: with Elasticsearch `bulk_retries` (requests sent again) and
    `indices_made_again` (indices that somebody deleted while they were written to)."""

    def __init__(self, records: RecordReader) -> None:
        self._records = records

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked for at the registration: the stores may not be open yet."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "wardwatch_store_troubles", "What the record store met since the start and got over.", labels=("kind",)
        )
        for kind, count in self._records.troubles().items():
            family.add_metric((kind,), float(count))
        yield family
