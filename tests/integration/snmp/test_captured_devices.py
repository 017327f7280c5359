"""What profiles find on captures of real devices, scored as their folder does it; the captures are read in place."""

import importlib.util
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gufo.snmp import ValueType

from collectors.snmp.profiles.catalogue import Catalogue, columns, load_catalogue
from collectors.snmp.profiles.facts import facts
from collectors.snmp.profiles.tree import columns_of
from collectors.snmp.tables import text

CAPTURES = Path(os.environ.get("WARDWATCH_CAPTURES") or Path(__file__).parents[4] / "shared" / "snmp-captures")
SYS_DESCR, SYS_OBJECT_ID = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"
INTEGERS = {"2", "65", "66", "67", "70"}
WANTED = {
    "system": 0.95,
    "processors": 0.95,
    "memory": 0.95,
    "storage": 0.95,
    "neighbours": 0.95,
    "bgp_peers": 0.95,
    "sensors": 0.90,
}

pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"there are no captures in {CAPTURES}")


def value_of(kind: str, written: str) -> ValueType:
    """A value as the SNMP client gives it; raises `ValueError` for what no agent sends."""
    code, packed = kind.rstrip("xe"), kind.endswith("x")
    octets = bytes.fromhex(written) if packed else written.encode("utf-8", "surrogateescape")
    if code in INTEGERS:
        return int.from_bytes(octets) if packed else int(written)
    if code == "6":
        return written.lstrip(".")
    if code == "64":
        return ".".join(map(str, octets)) if packed else written
    return octets


def lines_of(capture: Path) -> Iterator[tuple[list[int], str, ValueType]]:
    for line in capture.read_bytes().decode("utf-8", "surrogateescape").split("\n"):
        oid, _, rest = line.rstrip("\r").lstrip(".").partition("|")
        kind, _, written = rest.partition("|")
        if re.fullmatch(r"\d+(\.\d+)+", oid) and kind != "5":
            try:
                yield [int(part) for part in oid.split(".")], oid, value_of(kind, written)
            except ValueError:
                continue


def found_on(capture: Path, catalogue: Catalogue) -> dict[str, Any]:
    values = {oid: value for _, oid, value in sorted(lines_of(capture), key=lambda line: line[0])}
    object_id = text(values.get(SYS_OBJECT_ID))
    seen = {oid: values[oid] for oid in catalogue.looks(object_id) if oid in values}
    profile = catalogue.choose(object_id, text(values.get(SYS_DESCR)), seen)
    return facts(profile, columns_of(values, columns(profile)))


def test_profiles_find_what_the_devices_have() -> None:
    spec = importlib.util.spec_from_file_location("captures_score", CAPTURES / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scoring = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scoring)
    catalogue = load_catalogue()
    asked: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for capture in sorted(CAPTURES.glob("*.snmprec")):
        expected = json.loads(capture.with_suffix(".json").read_text())
        expected.pop("interfaces", None)
        for kind, hit in scoring.score(expected, found_on(capture, catalogue)):
            asked[kind] += 1
            hits[kind] += hit
    assert asked["sensors"] > 1000
    shares = {kind: hits[kind] / asked[kind] for kind in WANTED}
    assert {kind: share for kind, share in shares.items() if share < WANTED[kind]} == {}
