"""The captures of OISF/suricata-verify, read by the real Suricata: what benchmarks and tests take for real events."""

import os
import shutil
import subprocess
from pathlib import Path

from wardwatch.errors import EngineFault

CAPTURES = Path(
    os.environ.get("WARDWATCH_SURICATA_VERIFY") or Path(__file__).parents[3] / "shared" / "suricata" / "verify"
)
"""A folder for each capture, with its `input.pcap` and `test.rules`."""

CONFIGURATION = Path(__file__).with_name("suricata.yaml")
_PATIENCE_S = 60


def are_readable(captures: Path = CAPTURES) -> bool:
    """Whether the captures and a Suricata are there."""
    return shutil.which("suricata") is not None and captures.is_dir()


def read_captures(output: Path, captures: Path = CAPTURES) -> dict[str, Path]:
    """The `eve.json` of each capture, written below `output`, by the capture's name, sorted.

    Raises `EngineFault` with the last words of a Suricata that failed, and when there is no capture.
    """
    found = {}
    for capture in sorted(captures.glob("*/input.pcap")):
        folder = output / capture.parent.name
        folder.mkdir(parents=True)
        # `single` keeps the order of records, `-k none` forgives captures with offloaded checksums.
        command = ["suricata", "-c", str(CONFIGURATION), "-S", str(capture.with_name("test.rules"))]
        command += ["-k", "none", "--runmode", "single", "-l", str(folder), "-r", str(capture)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        if ended.returncode != 0:
            raise EngineFault(f"suricata cannot read the capture {capture.parent.name}: {ended.stderr[-500:]}")
        found[capture.parent.name] = folder / "eve.json"
    if not found:
        raise EngineFault(f"{captures} holds no captures", "set WARDWATCH_SURICATA_VERIFY to a folder that does")
    return found
