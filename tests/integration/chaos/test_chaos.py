"""The smallest run of `wardwatch bench chaos`: what it prints, and that it notices what is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wardwatch.bench.chaos.installing import install
from wardwatch.bench.chaos.sensor import Sensor, digest
from wardwatch.bench.chaos.verify import verify
from wardwatch.bench.eve_lines import eve_lines

KEYS = {"sent", "stored", "dropped", "lost", "doubled", "recovery_s", "faults", "alerts_off", "uneven"}
LINES = 400


@pytest.mark.skipif(os.geteuid() != 0, reason="makes namespaces, which only root may do")
def test_a_killed_ingest_loses_and_doubles_nothing() -> None:
    words = ["bench", "chaos", "--only", "kill_ingest_embedded", "--lines", "3000", "--kills", "1"]
    ended = subprocess.run([sys.executable, "-m", "wardwatch", *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    (figures,) = json.loads(ended.stdout).values()
    assert set(figures) == KEYS
    assert (figures["sent"], figures["stored"], figures["faults"]) == (3000, 3000, 1)


def test_a_fault_that_is_not_there_is_named() -> None:
    words = ["bench", "chaos", "--only", "kill_cor_"]
    ended = subprocess.run([sys.executable, "-m", "wardwatch", *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "kill_core_embedded" in ended.stderr


def test_what_is_lost_and_doubled_is_seen(tmp_path: Path) -> None:
    rig = install(tmp_path, "", remote=False, devices=0)
    sensor = Sensor(rig.eve, LINES, seed=1)
    sensor.write(LINES)
    sensor.close()
    stored = tmp_path / "stored.json"
    # Ten lines never come, and five come twice: an import knows positions, not contents.
    lines = list(eve_lines(LINES, 1))
    stored.write_bytes(b"\n".join([*lines[10:], *lines[-5:], b""]))
    words = ["events", "import", str(stored), "--data", str(rig.data.root)]
    subprocess.run([sys.executable, "-m", "wardwatch", *words], capture_output=True, check=True)
    figures = verify(rig, sensor, [1.0])
    assert (figures.sent, figures.stored, figures.lost, figures.doubled) == (LINES, LINES - 10, 10, 5)
    assert not figures.is_well


def test_the_sensor_writes_each_line_once(tmp_path: Path) -> None:
    sensor = Sensor(tmp_path, LINES, seed=2, rotations=4)
    for _ in range(4):
        sensor.write(LINES // 4)
    sensor.close()
    files = sorted(tmp_path.iterdir())
    written = [line for file in files for line in file.read_bytes().splitlines()]
    assert len(files) > 3
    assert sensor.written == len(written) == LINES
    assert {digest(line) for line in written} == sensor.sent
