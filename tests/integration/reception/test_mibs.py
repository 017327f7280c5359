"""MIB files of an operator give names to traps that the product does not know."""

import json
from pathlib import Path

import pytest

from collectors.traps.ber import INTEGER, Varbind
from collectors.traps.catalogue_documents import load_catalogue
from collectors.traps.mibs import compile_mibs
from collectors.traps.naming import Namer
from wardwatch.errors import UserError

TOWN = """TOWN-MIB DEFINITIONS ::= BEGIN
IMPORTS MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, enterprises FROM SNMPv2-SMI DisplayString FROM SNMPv2-TC;
town MODULE-IDENTITY LAST-UPDATED "202601010000Z" ORGANIZATION "" CONTACT-INFO "" DESCRIPTION ""
    ::= { enterprises 99999 }
townGate OBJECT-TYPE SYNTAX INTEGER { open(1), shut(2) } MAX-ACCESS read-only STATUS current DESCRIPTION ""
    ::= { town 1 }
townName OBJECT-TYPE SYNTAX DisplayString MAX-ACCESS read-only STATUS current DESCRIPTION "" ::= { town 2 }
townOpened NOTIFICATION-TYPE OBJECTS { townGate } STATUS current DESCRIPTION "" ::= { town 0 1 }
END
"""


def test_names_of_objects_values_and_notifications(tmp_path: Path) -> None:
    (tmp_path / "TOWN-MIB.mib").write_text(TOWN)
    found = compile_mibs(tmp_path)
    assert (found.modules, found.failed) == (["TOWN-MIB"], {})
    kept = tmp_path / "mibs.json"
    kept.write_text(json.dumps(found.document()))
    catalogue = load_catalogue(compiled=kept)
    assert catalogue.names == {"1.3.6.1.4.1.99999.0.1": "townOpened"}
    (variable,) = Namer(catalogue).variables((Varbind("1.3.6.1.4.1.99999.1.0", INTEGER, 2),))
    assert (variable.name, variable.row, variable.value) == ("townGate", "0", "shut")


def test_what_cannot_be_read_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    (tmp_path / "TOWN-MIB").write_text(TOWN)
    (tmp_path / "BROKEN-MIB.txt").write_text(TOWN.replace("TOWN-MIB", "BROKEN-MIB").replace("::=", ":="))
    far = TOWN.replace("TOWN-MIB", "FAR-MIB").replace(
        ", enterprises FROM SNMPv2-SMI", " FROM SNMPv2-SMI enterprises FROM NOWHERE-MIB"
    )
    (tmp_path / "FAR-MIB.my").write_text(far)
    found = compile_mibs(tmp_path)
    assert found.modules == ["TOWN-MIB"]
    assert sorted(found.failed) == ["BROKEN-MIB", "FAR-MIB"]
    assert "NOWHERE-MIB" in found.failed["FAR-MIB"]


def test_a_folder_without_mibs_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no MIB file"):
        compile_mibs(tmp_path)
    with pytest.raises(UserError, match="is no folder"):
        compile_mibs(tmp_path / "nowhere")
