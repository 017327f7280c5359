"""Results of drill runs: a small port, and the reader of the `score.json` each run leaves in its folder."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from api.schemas.drills import DrillDetail, ExpectationView

_log = logging.getLogger(__name__)


class DrillResults(Protocol):
    """What the drill room shows."""

    def runs(self) -> Sequence[DrillDetail]:
        """Every run that has a score, newest first."""
        ...


class FolderDrillResults:
    """Reads `<folder>/<run>/score.json`. A file that cannot be read is left out and said in the log, once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[int, DrillDetail | None]] = {}

    def runs(self) -> Sequence[DrillDetail]:
        found = [self._run(path) for path in self._folder.glob("*/score.json")]
        return sorted((run for run in found if run), key=lambda run: (run.started_at, run.id), reverse=True)

    def _run(self, path: Path) -> DrillDetail | None:
        try:
            changed = path.stat().st_mtime_ns
            known = self._read.get(path)
            if known is None or known[0] != changed:
                self._read[path] = known = (changed, _parse(path))
            return known[1]
        except OSError as error:
            _log.warning("drill score cannot be read path=%s error=%s", path, error)
            return None


def _parse(path: Path) -> DrillDetail | None:
    try:
        score = json.loads(path.read_text(encoding="utf-8"))
        statuses = [expectation["status"] for expectation in score["expectations"]]
        wanted = {name: score[name] for name in DrillDetail.model_fields if name in score}
        counts = {name: statuses.count(name) for name in ("met", "late", "missed", "void")}
        expectations = [
            {name: item[name] for name in ExpectationView.model_fields if name in item}
            for item in score["expectations"]
        ]
        return DrillDetail.model_validate(wanted | counts | {"expectations": expectations})
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        _log.warning("drill score is not as expected path=%s error=%s", path, error)
        return None
