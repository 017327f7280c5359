"""A short run of the fuzzer over every decoder; `make chaos` asks for a million inputs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = int(os.environ.get("WARDWATCH_FUZZ_RUNS", "5000"))
ROOT = Path(__file__).parents[3]
SLOWEST_PER_S = 500


@pytest.mark.parametrize("decoder", ["traps", "syslog", "framing", "flows"])
def test_no_bytes_break_a_decoder(decoder: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    script = Path(__file__).with_name("decoders.py")
    options = (f"-runs={RUNS}", "-seed=1", f"-artifact_prefix={tmp_path}/")
    done = subprocess.run(
        [sys.executable, str(script), decoder, str(corpus), *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60 + RUNS / SLOWEST_PER_S,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
