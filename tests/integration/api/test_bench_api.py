"""The benchmark of the pages: it asks a real core, while that stores what it is sent."""

from typing import Any

from wardwatch.bench.api import ApiBenchSettings, run


def test_pages_are_asked_while_records_are_stored() -> None:
    answer: dict[str, Any] = run(ApiBenchSettings(devices=60, events_per_s=200, seconds=3))
    results = answer["results"]
    for page in ("wall", "inbox"):
        assert results[page]["requests"] > 0
        assert 0 < results[page]["p50_ms"] <= results[page]["p99_ms"]
    assert results["load"]["events_per_s"] > 0
    assert results["load"]["samples_per_s"] > 0
