"""Strict YAML names file, line and nearest key, and survives hostile documents."""

import string
from pathlib import Path

import pytest

from wardwatch.errors import DocumentError
from wardwatch.strict_yaml import MAX_BYTES, StrictModel, load, nearest, parse, read


class Port(StrictModel):
    name: str
    speed_mbps: int = 1000


class Switch(StrictModel):
    id: str
    ports: tuple[Port, ...] = ()


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(text, Switch, "switch.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_every_problem_is_named_at_once() -> None:
    found = problems("id: sw1\nports:\n- name: a\n  sped_mbps: 10\n- speed_mbps: fast\nprots: []\n")
    assert found == [
        "switch.yaml:4: unknown key 'ports.0.sped_mbps': did you mean 'speed_mbps'?",
        "switch.yaml:5: key 'ports.1.name' is missing",
        "switch.yaml:5: 'ports.1.speed_mbps': Input should be a valid integer, unable to parse string as an integer",
        "switch.yaml:6: unknown key 'prots': did you mean 'ports'?",
    ]


def test_a_number_where_text_belongs_asks_for_quotes() -> None:
    assert problems("id: 1.10\n") == ["switch.yaml:1: 'id': 1.1 must be text: put it in quotes"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "is empty"),
        ("id: [", 2, "is not YAML"),
        ("id: a\nid: b\n", 2, "key 'id' is given twice"),
        ("id: 2025-99-99", 1, "bad value"),
        ("id: !!python/object:os.system x", 1, "bad value"),
        ("? [a, b]\n: c", 1, "a key must be a plain word"),
        ("[" * 100_000, 1, "nested too deeply"),
        ("a: &a [*a]", 1, "alias refers to its own parent"),
        ("\n".join("  " * n + "a:" for n in range(5000)), 65, "nested too deeply"),
    ],
)
def test_what_is_no_document_is_a_sentence(text: str, line: int, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text, "f.yaml")
    assert caught.value.problems[0].line == line
    assert says in caught.value.problems[0].message


def test_aliases_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wardwatch.strict_yaml.MAX_VALUES", 10_000)
    levels = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    levels += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip(string.ascii_lowercase, "bcdefghi", strict=False)
    ]
    with pytest.raises(DocumentError, match="too large"):
        read("\n".join(levels), "f.yaml")


def test_text_is_brought_to_nfc_and_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "switch.yaml"
    file.write_text("id: Phường\n", encoding="utf-8-sig")
    decomposed = tmp_path / "nfd.yaml"
    decomposed.write_text("id: Phu\u031bo\u031b\u0300ng\n", encoding="utf-8")
    assert load(file, Switch) == load(decomposed, Switch)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"id: Ph\xfc")
    for path, says in ((tmp_path / "none.yaml", "no such file"), (latin, "not UTF-8"), (tmp_path, "cannot be read")):
        with pytest.raises(DocumentError, match=says):
            load(path, Switch)


def test_nearest_does_not_list_a_whole_city() -> None:
    assert nearest("ruoter", ["router", "switch"]) == "did you mean 'router'?"
    assert nearest("xyz", ["router", "switch"]) == "known: router, switch"
    assert nearest("xyz", [f"d{number}" for number in range(1000)]) == "none of 1000 known is near"
    assert nearest("xyz", []) == "none is known"


def test_a_file_too_large_to_build_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="at most 32 are read: split it"):
        load(path, Switch)
