"""One set out of many files, by suricata-update: enable, disable, drop, modify, flowbits, protocols that are off.

It is a process of its own (GPL-2.0-only), and sees local files only: what is fetched, and what is kept when a source
is away, is decided before. It always gets a source, for without one it would ask for Emerging Threats by itself, and
fail where there is no network.
"""

import logging
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.rules.documents import RulesDocument
from detectors.rules.places import RULES
from wardwatch.errors import EngineFault, UserError

log = logging.getLogger(__name__)

_TOLD = re.compile(r"<(?P<level>Error|Warning)> -- (?P<text>.*)")
_OPTIONS = ("disable", "enable", "drop", "modify")


@dataclass(frozen=True, slots=True)
class MergeSettings:
    """Suricata's configuration, which says which protocols are on; seconds."""

    configuration: Path
    program: str = "suricata"
    timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Merged:
    """The set, and what suricata-update warned of."""

    text: str
    warnings: tuple[str, ...]


def merge(settings: MergeSettings, files: Sequence[Path], wanted: RulesDocument) -> Merged:
    """Raises `EngineFault` where suricata-update does not end well, `UserError` for a change that it cannot make."""
    with tempfile.TemporaryDirectory(prefix="wardwatch-rules-") as made:
        folder = Path(made)
        (folder / "nothing.rules").write_text("# a source without rules\n", encoding="utf-8")
        command = _command(settings, folder, [folder / "nothing.rules", *files], wanted)
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=settings.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EngineFault(f"suricata-update did not end in {settings.timeout_s:.0f} s") from None
        said = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        found = (line for line in map(_TOLD.search, said.splitlines()) if line)
        told = list(dict.fromkeys((line["level"], line["text"].strip()) for line in found))
        result = folder / "out" / RULES
        if ended.returncode != 0 or not result.exists():
            raise _failure(said, [text for level, text in told if level == "Error"])
        return Merged(result.read_text(encoding="utf-8"), tuple(text for _, text in told if not _is_expected(text)))


def _command(settings: MergeSettings, folder: Path, files: Sequence[Path], wanted: RulesDocument) -> list[str]:
    configuration = folder / "update.yaml"
    configuration.write_text("" if wanted.engine_events else f"dist-rule-directory: {folder / 'none'}\n", "utf-8")
    for name in _OPTIONS:
        (folder / f"{name}.conf").write_text("".join(f"{line}\n" for line in _lines(wanted, name)), encoding="utf-8")
    (folder / "out").mkdir()
    command = [sys.executable, "-I", "-m", "suricata.update.main", "-D", str(folder / "data")]
    command += [
        "-c",
        str(configuration),
        "-o",
        str(folder / "out"),
        "--suricata",
        shutil.which(settings.program) or settings.program,
    ]
    command += ["--suricata-conf", str(settings.configuration)]
    command += [part for name in _OPTIONS for part in (f"--{name}-conf", str(folder / f"{name}.conf"))]
    command += ["--force", "--no-test", "--no-reload", "--fail"]
    return command + [part for file in files for part in ("--url", file.absolute().as_uri())]


def _lines(wanted: RulesDocument, name: str) -> list[str]:
    if name == "modify":
        return [f'{change.rules} "{change.replace}" "{change.by}"' for change in wanted.modify]
    return list(getattr(wanted, name))


def _failure(said: str, errors: Sequence[str]) -> Exception:
    if errors and errors[-1].startswith("Failed to parse modify filter"):
        return UserError(f"rules.yaml: modify: {errors[-1]}", "replace is a regular expression, by what it becomes")
    # Without an error of its own it ended by a traceback, whose last line says why.
    last = said.strip().rpartition("\n")[2][:300]
    return EngineFault(f"suricata-update failed: {'; '.join(errors[-2:]) or last or 'it said nothing'}")


def _is_expected(text: str) -> bool:
    return text.startswith(("No distribution rule directory", "Distribution rule directory not found"))
