"""What rules mean: the Sigma specification, value by value."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from detectors.sigma.ruleset import load_rules
from detectors.sigma.running import run_over
from detectors.sigma.sources import Sources

SOURCES = Sources()
ID = "7d2b4f0e-5a51-4f43-9d6e-0d2a5a3f0c01"


def hits(
    folder: Path, detection: dict[str, Any], *documents: dict[str, Any], category: str = "webserver"
) -> list[bool]:
    """Whether a rule of this detection matches each document."""
    rule = {"title": "T", "id": ID, "logsource": {"category": category}, "detection": detection}
    (folder / "rule.yml").write_text(yaml.safe_dump(rule, allow_unicode=True), encoding="utf-8")
    found = load_rules([folder], SOURCES)
    assert not found.problems, found.problems
    return [bool(run_over(found, [(1, {"event": {"dataset": "suricata.http"}, **each})]).hits) for each in documents]


def path(text: str) -> dict[str, Any]:
    return {"url": {"original": text}}


@pytest.mark.parametrize(
    ("written", "value", "fitting", "other"),
    [
        ("cs-uri", "/Admin", ["/admin", "/ADMIN"], ["/admin/", "x/admin"]),
        ("cs-uri", "/a*z", ["/az", "/A..Z", "/a\nz"], ["/azb"]),
        ("cs-uri", "/a?z", ["/abz"], ["/az", "/abbz"]),
        ("cs-uri", r"/a\*z", ["/a*z"], ["/abz"]),
        ("cs-uri", r"/a\\*z", ["/a\\bz", "/a\\z"], ["/a*z"]),
        ("cs-uri", r"c:\dir", ["C:\\DIR"], ["c:dir"]),
        ("cs-uri|contains", "đăng", ["/ĐĂNG-nhập"], ["/dang"]),
        ("cs-uri|contains", "a*b", ["xaxbx"], ["ba"]),
        ("cs-uri|startswith", "/a", ["/A/b"], ["x/a"]),
        ("cs-uri|endswith", ".php", ["/x.PHP"], ["/x.php5"]),
        ("cs-uri|contains|all", ["a", "b"], ["ba"], ["a", "b"]),
        ("cs-uri|contains|cased", "Ab", ["xAbx"], ["ab"]),
        ("cs-uri|re", "^/a.c$", ["/abc"], ["/ABC", "x/abc"]),
        ("cs-uri|re|i", "a.c", ["xABCx"], ["ac"]),
        ("cs-uri|re", "a(?=b)", ["ab"], ["ac"]),
        ("cs-uri|base64", "cmd", ["Y21k"], ["cmd"]),
        ("cs-uri|base64offset|contains", "/bin/sh", ["aaL2Jpbi9zaA", "x9iaW4vc2", "vYmluL3No"], ["/bin/sh"]),
        ("cs-uri|wide|base64offset|contains", "ping", ["cABpAG4AZw"], ["cGluZw"]),
        ("cs-uri|windash|contains", " -f ", ["a /f b", "a -f b"], ["a f b"]),
        ("cs-uri", ["/a", "/b*", ""], ["/A", "/bcd", ""], ["/ab"]),
        ("cs-uri", "*", ["", "x"], []),
    ],
)
def test_texts(tmp_path: Path, written: str, value: Any, fitting: list[str], other: list[str]) -> None:
    found = hits(tmp_path, {"s": {written: value}, "condition": "s"}, *map(path, fitting + other))
    assert found == [True] * len(fitting) + [False] * len(other)


@pytest.mark.parametrize(
    ("written", "value", "fitting", "other"),
    [
        ("sc-status", 404, [404, "404", 404.0], [40, "4040", None, True]),
        ("sc-status", "404", [404, "404"], [4044]),
        ("sc-status|gte", 500, [500, "503"], [499, "x", None]),
        ("sc-status|lt", 500, [499.5], [500]),
        ("sc-status", None, [None, []], [0, ""]),
        ("sc-status|exists", True, [0, ""], [None]),
        ("sc-status|exists", False, [None], [1]),
        ("sc-status", True, [True, "true"], [1, False, None]),
        ("sc-status", [404, 500], [500], [403]),
        ("sc-status|startswith", "4", [404], [500]),
    ],
)
def test_values(tmp_path: Path, written: str, value: Any, fitting: list[Any], other: list[Any]) -> None:
    documents = [{"http": {"response": {"status_code": each}}} for each in [*fitting, *other]]
    assert hits(tmp_path, {"s": {written: value}, "condition": "s"}, *documents) == [True] * len(fitting) + [
        False
    ] * len(other)


def test_networks_know_mapped_addresses(tmp_path: Path) -> None:
    documents = [{"source": {"ip": each}} for each in ("10.1.2.3", "::ffff:10.1.2.3", "11.0.0.1", "fe80::1", "x")]
    found = hits(tmp_path, {"s": {"src_ip|cidr": ["10.0.0.0/8", "fe80::/10"]}, "condition": "s"}, *documents)
    assert found == [True, True, False, True, False]


def test_fields_are_compared(tmp_path: Path) -> None:
    same = {"source": {"ip": "10.0.0.1"}, "destination": {"ip": "10.0.0.1"}}
    other = {"source": {"ip": "10.0.0.1"}, "destination": {"ip": "10.0.0.2"}}
    assert hits(tmp_path, {"s": {"src_ip|fieldref": "dst_ip"}, "condition": "s"}, same, other) == [True, False]


def test_lists_of_mappings_and_values(tmp_path: Path) -> None:
    listed = {"s": [{"cs-uri": "/a", "cs-method": "GET"}, {"cs-uri": "/b"}], "condition": "s"}
    documents = [
        {"url": {"original": "/a"}, "http": {"request": {"method": "GET"}}},
        path("/a"),
        path("/b"),
        {"url": {"original": ["/x", "/b"]}},
        {"url.original": "/b"},
    ]
    assert hits(tmp_path, listed, *documents) == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a and b", [False, False, True]),
        ("a or b", [True, True, True]),
        ("a and not b", [True, False, False]),
        ("not (a or b)", [False, False, False]),
        ("1 of them", [True, True, True]),
        ("all of them", [False, False, True]),
        ("1 of a*", [True, False, True]),
        ("not 1 of b*", [True, False, False]),
        (["a and b", "not b"], [True, False, True]),
    ],
)
def test_conditions(tmp_path: Path, condition: str | list[str], expected: list[bool]) -> None:
    detection = {"a": {"cs-uri|contains": "one"}, "b": {"cs-uri|contains": "two"}, "condition": condition}
    assert hits(tmp_path, detection, path("/one"), path("/two"), path("/one/two")) == expected


def test_keywords_are_found_in_every_text(tmp_path: Path) -> None:
    detection = {"k": ["union SELECT", "ba*r"], "condition": "k"}
    documents = [path("/x?q=1 UNION select 2"), {"message": "xx BAAAR"}, {"tags": ["bar"]}, path("/union")]
    assert hits(tmp_path, detection, *documents) == [True, True, True, False]
    assert hits(tmp_path, {"k": {"|all": ["a1", "b1"]}, "condition": "k"}, path("a1"), path("a1b1")) == [False, True]


def test_a_missing_field_matches_no_value_but_its_negation(tmp_path: Path) -> None:
    assert hits(tmp_path, {"s": {"cs-uri": "/a"}, "condition": "not s"}, {}, path("/a")) == [True, False]
    assert hits(tmp_path, {"s": {"cs-uri|neq": "/a"}, "condition": "s"}, path("/b"), path("/a")) == [True, False]


def test_times(tmp_path: Path) -> None:
    documents = [{"@timestamp": "2026-01-01T03:04:05Z"}, {"@timestamp": "2026-01-01T04:04:05Z"}, {"@timestamp": "x"}]
    assert hits(tmp_path, {"s": {"@timestamp|hour": 3}, "condition": "s"}, *documents) == [True, False, False]
