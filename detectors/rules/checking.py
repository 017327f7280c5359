"""The linter: every rule that Suricata would not load, named by file, line and reason in Suricata's own words."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.rules.parsing import logical_lines, read_rules
from wardwatch.errors import EngineFault, Problem
from wardwatch.suricata_log import errors_said

_REFUSED = re.compile(r'error parsing signature "(?P<rule>.*)" from file .* at line (?P<line>\d+)\s*')
_LONGEST = 300
_ON_CONSOLE = """%YAML 1.1
---
include: {}
logging:
  default-log-level: notice
  outputs: [console: {{enabled: yes, type: json}}]
"""
"""A configuration that says its errors where they are read, wherever the one that it includes would write them."""


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """Which Suricata judges, by which configuration (seconds: 40,000 rules take about eight)."""

    configuration: Path
    program: str = "suricata"
    timeout_s: float = 300.0


class Linter:
    """`suricata -T`. Raises `EngineFault` where Suricata is not there or fails on something else than a rule."""

    def __init__(self, settings: CheckSettings) -> None:
        self._settings = settings

    def check(self, files: Sequence[Path]) -> list[Problem]:
        """What is wrong with each file by itself, in order; lines that are neither rules nor comments too."""
        return [problem for file in files for problem in self._of(file)]

    def broken_lines(self, file: Path) -> dict[int, str]:
        """The reason by the line on which the rule begins. A rule twice in a file is broken the second time."""
        said, returned = self._asked(file)
        found: dict[int, str] = {}
        reasons: list[str] = []
        for message in errors_said(said):
            if (refused := _REFUSED.fullmatch(message)) is not None:
                found[int(refused["line"])] = "; ".join(reasons[-2:])[:_LONGEST] or "Suricata does not say why"
                reasons = []
            else:
                reasons.append(_plain(message))
        if returned != 0 and not found:
            raise EngineFault(f"suricata -T failed: {'; '.join(reasons)[:_LONGEST] or said[-_LONGEST:].strip()}")
        return found

    def _of(self, file: Path) -> list[Problem]:
        sids = {rule.line: rule.sid for rule in read_rules(file.read_text(encoding="utf-8", errors="replace"))}
        return [
            Problem(str(file), line, f"sid {sids[line]}: {reason}" if line in sids else reason)
            for line, reason in sorted(self.broken_lines(file).items())
        ]

    def _asked(self, file: Path) -> tuple[str, int]:
        settings = self._settings
        program = shutil.which(settings.program)
        if program is None:
            raise EngineFault("suricata is not installed", "install suricata 7; wardwatch doctor says how")
        with tempfile.TemporaryDirectory(prefix="wardwatch-rules-") as folder:
            configuration = Path(folder) / "suricata.yaml"
            configuration.write_text(_ON_CONSOLE.format(json.dumps(str(settings.configuration))), encoding="utf-8")
            command = [program, "-T", "-c", str(configuration), "-S", str(file), "-l", folder]
            try:
                ended = subprocess.run(
                    command, capture_output=True, timeout=settings.timeout_s, check=False, stdin=subprocess.DEVNULL
                )
            except subprocess.TimeoutExpired:
                raise EngineFault(f"suricata -T did not end in {settings.timeout_s:.0f} s") from None
        return (ended.stderr + ended.stdout).decode("utf-8", "replace"), ended.returncode


def suricata_version(program: str = "suricata") -> str:
    """The version that addresses of sources ask for; the oldest one that is supported where there is no Suricata."""
    found = shutil.which(program)
    if found is not None:
        said = subprocess.run([found, "-V"], capture_output=True, text=True, timeout=20, check=False).stdout
        if (version := re.search(r"version (\d+\.\d+\.\d+)", said)) is not None:
            return version[1]
    return "7.0.0"


def without(text: str, broken: dict[int, str]) -> str:
    """The text of a rule file with the rules that begin on those lines commented out."""
    return "".join(
        f"# not loaded: {line}\n" if number in broken else f"{line}\n" for number, line in logical_lines(text)
    )


def _plain(reason: str) -> str:
    """Without the rule's own text, which is shown beside it."""
    return re.sub(r'^Duplicate signature ".*"$', "the same sid stands further above", reason).strip()
