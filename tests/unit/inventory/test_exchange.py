"""Import and export of the inventory: what goes out comes back, and each mistake is named where it was made."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wardwatch.errors import DocumentError
from wardwatch.inventory.documents import KINDS, inventory_schema
from wardwatch.inventory.exchange import export_inventory, import_inventory
from wardwatch.inventory.validation import REFERENCES

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases"
SAMPLE = ROOT / "docs" / "samples" / "inventory"


@pytest.mark.parametrize("case", sorted(CASES.glob("inventory-*")), ids=lambda case: case.name)
def test_mistakes_are_named(case: Path, golden: Callable[[Path, Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case / "input")
    with pytest.raises(DocumentError) as caught:
        import_inventory([Path()])
    golden(case / "expected" / "problems.txt", str(caught.value) + "\n")


def test_the_sample_is_an_inventory_and_comes_back_in_both_forms(tmp_path: Path) -> None:
    sample = import_inventory([SAMPLE])
    assert {kind: len(getattr(sample, kind)) for kind in KINDS} == {
        "units": 4, "zones": 2, "sites": 2, "credentials": 2, "devices": 3, "circuits": 1, "links": 1, "services": 2,
        "checks": 1,
    }  # fmt: skip
    assert sample.devices["w0101-r1"].addresses == ("10.1.0.2", "10.32.11.1")
    for as_csv in (False, True):
        folder = tmp_path / str(as_csv)
        written = export_inventory(sample, folder, as_csv)
        assert [path.stem for path in written] == list(KINDS)
        assert import_inventory([folder]) == sample


def test_semicolons_separate_cells_as_excel_in_vietnamese_writes_them(tmp_path: Path) -> None:
    (tmp_path / "zones.csv").write_bytes("﻿id;name;networks\r\nlan;Mạng nội bộ;10.1.0.0/16 10.2.0.0/16\r\n".encode())
    assert import_inventory([tmp_path]).zones["lan"].networks == ("10.1.0.0/16", "10.2.0.0/16")


def test_a_file_that_cannot_be_read_does_not_make_the_others_wrong(tmp_path: Path) -> None:
    (tmp_path / "units.yaml").write_text("units: [", encoding="utf-8")
    (tmp_path / "sites.yaml").write_text("sites: [{id: s, name: S, unit: city}]", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        import_inventory([tmp_path])
    assert [Path(problem.file).name for problem in caught.value.problems] == ["units.yaml"]


@pytest.mark.parametrize(("name", "says"), [("none", "no such file or folder"), ("notes.txt", "neither .yaml")])
def test_a_path_that_is_no_inventory_is_a_sentence(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DocumentError, match=says):
        import_inventory([tmp_path / name])


def test_a_secret_written_out_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "credentials.yaml"
    file.write_text("credentials:\n- {id: c, kind: snmp-v2c, community: hunter2}\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="write secret://NAME") as caught:
        import_inventory([file])
    assert "hunter2" not in str(caught.value)


def test_documents_have_exactly_the_keys_of_the_model() -> None:
    for kind, (document, record) in KINDS.items():
        fields = [field.name for field in dataclasses.fields(record)]
        assert list(document.model_fields) == fields
        assert REFERENCES[kind].keys() <= set(fields)


def test_the_published_schema_is_current() -> None:
    published = json.loads((ROOT / "docs" / "schemas" / "inventory.json").read_text(encoding="utf-8"))
    assert published == inventory_schema(), (
        "write it again: python -m wardwatch.inventory > docs/schemas/inventory.json"
    )
