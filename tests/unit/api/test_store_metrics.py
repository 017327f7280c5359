"""What the record store got over, as Prometheus reads it."""

from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from api.store_metrics import StoreMetrics


class Keeper:
    """A keeper of records that had trouble."""

    counted: dict[str, int]

    def __init__(self) -> None:
        self.counted = {"bulk_retries": 2}

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")

    def troubles(self) -> dict[str, int]:
        return self.counted


def test_each_scrape_reads_anew() -> None:
    registry, keeper = CollectorRegistry(), Keeper()
    registry.register(StoreMetrics(keeper))
    assert b'wardwatch_store_troubles_total{kind="bulk_retries"} 2.0' in generate_latest(registry)
    keeper.counted = {"bulk_retries": 3, "indices_made_again": 1}
    told = generate_latest(registry)
    assert b'wardwatch_store_troubles_total{kind="bulk_retries"} 3.0' in told
    assert b'wardwatch_store_troubles_total{kind="indices_made_again"} 1.0' in told
