"""The captures of OISF/suricata-verify, read by the real Suricata once for all tests."""

import json
import shutil
from pathlib import Path

import pytest

from wardwatch.bench.captures import CAPTURES, read_captures


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of the captures; there is a Suricata to read them."""
    if shutil.which("suricata") is None:
        pytest.skip("suricata is not installed")
    if not CAPTURES.is_dir():
        pytest.skip(f"there are no captures in {CAPTURES}: set WARDWATCH_SURICATA_VERIFY")
    return CAPTURES


@pytest.fixture(scope="session")
def verified_eve(captures: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The `eve.json` of each capture by the capture's name."""
    return read_captures(tmp_path_factory.mktemp("eve"), captures)


@pytest.fixture(scope="session")
def known_signatures(verified_eve: dict[str, Path]) -> dict[str, set[str]]:
    """The signature ids that each capture is known to raise, by `manifest.json` beside the captures."""
    manifest = json.loads((CAPTURES / "manifest.json").read_text(encoding="utf-8"))
    return {entry["test"]: {str(sid) for sid in entry["alert_sids"]} for entry in manifest}
