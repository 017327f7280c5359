"""Names out of MIB files, by pysmi: what objects and notifications of an operator's own devices are called.

Meanings stay with the catalogue: a MIB says what a trap is called, not what it means.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pysmi.codegen.jsondoc import JsonCodeGen
from pysmi.compiler import MibCompiler
from pysmi.parser.smi import parserFactory
from pysmi.reader import FileReader
from pysmi.writer import CallbackWriter

from wardwatch.errors import UserError

_BASE = Path(__file__).with_name("smi")
_SUFFIXES = frozenset({"", ".txt", ".mib", ".my"})
_DONE = frozenset({"compiled", "untouched", "borrowed"})


@dataclass(slots=True)
class Compiled:
    """What was found: objects {name: {oid, values}} and notifications {oid: name}; modules that failed, and why."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    notifications: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As `CompiledDocument` reads it."""
        return {"objects": self.objects, "notifications": self.notifications}


def compile_mibs(folder: Path) -> Compiled:
    """Every MIB file of a folder; what they import is looked for there too. Raises `UserError`."""
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder", "give the folder that holds the MIB files")
    names = sorted({path.stem for path in folder.iterdir() if path.is_file() and path.suffix.lower() in _SUFFIXES})
    if not names:
        raise UserError(f"{folder} holds no MIB file", "their names end in .txt, .mib, .my or nothing")
    found = Compiled()
    compiler = MibCompiler(parserFactory()(), JsonCodeGen(), CallbackWriter(lambda *said: _take(found, *said)))
    compiler.add_sources(FileReader(str(folder)), FileReader(str(_BASE)))
    results = compiler.compile(*names, genTexts=False, ignoreErrors=True)
    outcomes = {str(name): status for name, status in results.items()}
    absent = ", ".join(sorted(name for name, status in outcomes.items() if str(status) == "missing"))
    for name, status in outcomes.items():
        if str(status) in _DONE:
            found.modules += [name] if name in names else []
        elif name in names:
            why = f"it needs what is not in the folder: {absent}" if absent else str(status)
            found.failed[name] = str(getattr(status, "error", "") or why)
    return found


def _take(found: Compiled, _module: str, text: str, _context: object) -> None:
    for name, said in json.loads(text).items():
        if not isinstance(said, dict) or not isinstance(oid := said.get("oid"), str):
            continue
        if said.get("class") == "notificationtype":
            found.notifications[oid] = name
        elif said.get("class") == "objecttype" and said.get("nodetype") in ("scalar", "column"):
            found.objects[name] = {"oid": oid, "values": _words(said.get("syntax") or {})}


def _words(syntax: Mapping[str, Any]) -> dict[str, str]:
    """The names of an enumeration by number."""
    named = (syntax.get("constraints") or {}).get("enumeration") or {}
    return {str(number): name for name, number in named.items()}
