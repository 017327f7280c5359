"""wardwatch.model imports itself and the part of the standard library that neither reads nor writes the world."""

import ast
import sys
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[3] / "wardwatch" / "model"
OUTSIDE_WORLD = frozenset(
    """asyncio ctypes getpass glob http io logging mmap multiprocessing os pathlib platform random secrets select shutil
    signal socket socketserver sqlite3 ssl subprocess sys tempfile threading time urllib""".split()
)


def impurities(source: str) -> list[str]:
    """The modules that `source` imports and a pure module may not."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                imported.update(alias.name for alias in names)
            case ast.ImportFrom(module=module):
                imported.add(module or ".")
    pure = sys.stdlib_module_names - OUTSIDE_WORLD
    return sorted(
        name
        for name in imported
        if name.partition(".")[0] not in pure and name != "wardwatch.model" and not name.startswith("wardwatch.model.")
    )


@pytest.mark.parametrize("path", sorted(MODEL.rglob("*.py")), ids=lambda path: path.name)
def test_the_model_touches_nothing_outside_itself(path: Path) -> None:
    assert impurities(path.read_text(encoding="utf-8")) == []


def test_an_impure_import_is_noticed() -> None:
    source = "import os.path\nfrom pydantic import BaseModel\nfrom wardwatch.records import make\nimport datetime\n"
    assert impurities(source) == ["os.path", "pydantic", "wardwatch.records"]
