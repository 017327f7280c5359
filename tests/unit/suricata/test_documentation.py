"""docs/events.md names every field the mapping writes, and the severity scale as it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collectors.suricata.severity import BY_PRIORITY, BY_SIGNATURE_SEVERITY, NUMBERS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
WHOLE_BRANCHES = ("suricata.eve", "tls.server.x509", "tls.client.x509")


def fields(value: Any, path: str = "") -> Iterator[str]:
    if path in WHOLE_BRANCHES:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from fields(inner, path)
    else:
        yield path


def test_every_field_of_the_golden_cases_is_described() -> None:
    words = set(re.findall(r"`([^`]+)`", PAGE))
    written: set[str] = set()
    for case in (ROOT / "tests" / "cases").glob("eve-*/expected.json"):
        for event in json.loads(case.read_text(encoding="utf-8")):
            written |= set(fields(event["document"]))
    ends = {f"{prefix}{leaf}" for leaf in ("address", "ip", "port", "mac") for prefix in ("source.", "destination.")}
    places = {field for field in written if re.match(r"wardwatch\.(source|destination)\.", field)}
    assert {f".{field.rpartition('.')[2]}" for field in places} <= words
    assert sorted(written - words - ends - places) == []


def test_the_severity_scale_is_the_documented_one() -> None:
    for severity, number in NUMBERS.items():
        row = re.search(rf"^\| {severity.value} \| {number} \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
        assert row is not None, severity
        named = {word.strip().lower() for word in row[1].split(",")}
        assert named == {word for word, meant in BY_SIGNATURE_SEVERITY.items() if meant is severity}
        priorities = [str(priority) for priority, meant in BY_PRIORITY.items() if meant is severity]
        assert all(priority in row[2] for priority in priorities)
