"""The captures of OISF/suricata-verify, read by the real Suricata once for all tests."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CAPTURES = Path(
    os.environ.get("WARDWATCH_SURICATA_VERIFY") or Path(__file__).parents[4] / "shared" / "suricata" / "verify"
)


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
    output = tmp_path_factory.mktemp("eve")
    found = {}
    for capture in sorted(captures.glob("*/input.pcap")):
        folder = output / capture.parent.name
        folder.mkdir()
        # `single` keeps the order of records, `-k none` forgives captures with offloaded checksums.
        command = ["suricata", "-c", str(HERE / "suricata.yaml"), "-S", str(capture.with_name("test.rules"))]
        command += ["-k", "none", "--runmode", "single", "-l", str(folder), "-r", str(capture)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, f"{capture.parent.name}: {ended.stderr[-500:]}"
        found[capture.parent.name] = folder / "eve.json"
    assert found, f"{captures} holds no captures"
    return found


@pytest.fixture(scope="session")
def known_signatures(verified_eve: dict[str, Path]) -> dict[str, set[str]]:
    """The signature ids that each capture is known to raise, by `manifest.json` beside the captures."""
    manifest = json.loads((CAPTURES / "manifest.json").read_text(encoding="utf-8"))
    return {entry["test"]: {str(sid) for sid in entry["alert_sids"]} for entry in manifest}
