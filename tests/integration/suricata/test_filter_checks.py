"""The checks that come with the captures: what Suricata's own output meets is met on what the store gives back."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from collectors.suricata.import_file import import_file
from collectors.suricata.mapper import EveMapper
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.records import open_records

EVER = TimeRange(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
ABSENT = object()
OPERATORS = ("__len", "__find", "__contains", "__startswith", "__endswith")


def value_at(record: Any, path: str) -> Any:
    """What stands at `a.b[0].c`."""
    for name, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        if place:
            if not isinstance(record, list) or int(place) >= len(record):
                return ABSENT
            record = record[int(place)]
        elif not isinstance(record, dict) or name not in record:
            return ABSENT
        else:
            record = record[name]
    return record


def meets(record: dict[str, Any], key: str, wanted: Any) -> bool:
    if key in ("has-key", "not-has-key"):
        return (value_at(record, wanted) is not ABSENT) == (key == "has-key")
    path, operator = next(((key[: -len(name) - 1], name) for name in OPERATORS if key.endswith(f".{name}")), (key, ""))
    value = value_at(record, path)
    if value is ABSENT:
        return False
    match operator:
        case "__len":
            return bool(len(value) == wanted)
        case "__find" | "__contains":
            return wanted in value
        case "__startswith":
            return str(value).startswith(wanted)
        case "__endswith":
            return str(value).endswith(wanted)
    return bool(value == wanted)


def met(records: Sequence[dict[str, Any]], check: dict[str, Any]) -> bool:
    found = [record for record in records if all(meets(record, *item) for item in check["match"].items())]
    return bool(len(found) == check["count"])


@pytest.fixture(scope="module")
def stored(
    verified_eve: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Of each capture: the records as Suricata wrote them, and as the store gives them back."""
    pairs = {}
    for name, file in verified_eve.items():
        store = open_records(tmp_path_factory.mktemp(name), utc_now)
        sequences = iter(range(1, 1000))

        def append(batch: Batch, store: Any = store, sequences: Any = sequences) -> Any:
            numbered = Batch("e", "1", next(sequences), batch.namespace, events=batch.events, rejected=batch.rejected,
                             progress=batch.progress)  # fmt: skip
            return store.append(Actor.system("test"), numbered)

        try:
            counts = import_file(file, EveMapper(None, utc_now), append)
            assert counts.rejected == 0
            page = store.events(Scope.everything(), EventQuery(EVER, limit=10_000))
            back = [json.loads(event.document["event"]["original"]) for event in page.items]
        finally:
            store.close()
        pairs[name] = ([json.loads(line) for line in file.read_bytes().splitlines()], back)
    return pairs


def test_every_check_that_the_sensor_meets_is_met_by_the_store(
    captures: Path, stored: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]
) -> None:
    outcomes: Counter[str] = Counter()
    for name, (written, back) in stored.items():
        assert len(back) == len(written), name
        said = yaml.safe_load((captures / name / "test.yaml").read_text(encoding="utf-8"))
        for item in said.get("checks", []):
            check = item.get("filter")
            if check is None or "filename" in check:
                continue
            if met(written, check):
                assert met(back, check), f"{name}: {check}"
                outcomes["met"] += 1
            else:
                outcomes["not met by the sensor"] += 1
    assert outcomes["met"] >= 90, outcomes
