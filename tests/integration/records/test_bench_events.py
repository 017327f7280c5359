"""The benchmark itself: it measures what was really stored."""

from pathlib import Path
from typing import Any

from wardwatch.bench.events import run


def test_every_line_is_stored_and_small_once_sealed(tmp_path: Path) -> None:
    answer: dict[str, Any] = run(6000, tmp_path)
    figures = answer["results"]["embedded"]
    assert figures["lost"] == 0
    assert 0 < figures["bytes_per_event"] <= 200
    assert figures["events_per_s"] > 0
    assert list(tmp_path.iterdir()) == []
