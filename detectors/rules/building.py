"""A candidate from the sources, the product's own rules and the installation's: fetched, linted, merged, linted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from detectors.rules.candidate import Candidate, counted, rule_files
from detectors.rules.checking import Linter, without
from detectors.rules.documents import RulesDocument
from detectors.rules.fetching import Fetched, Sources, fetched_as_json
from detectors.rules.merging import Merged, MergeSettings, merge
from detectors.rules.parsing import read_rules
from detectors.rules.places import RulePlaces
from detectors.rules.unpacking import unpacked
from detectors.rules.versions import version_of_text
from wardwatch.errors import Problem, SystemFault
from wardwatch.model.access import Actor
from wardwatch.model.time import Clock
from wardwatch.shipping.rules import MAX_RULES_BYTES

OURS = Path(__file__).with_name("ours") / "wardwatch.rules"
"""The product's own rules; sids 9100001 to 9199999."""

_MOST_PROBLEMS = 500


@dataclass(frozen=True, slots=True)
class Builder:
    """What a candidate is built with. `sources` reads them; `linter` is of the installation's own Suricata."""

    places: RulePlaces
    sources: Sources
    linter: Linter
    merging: MergeSettings
    clock: Clock

    def build(self, actor: Actor, wanted: RulesDocument, offline: bool) -> tuple[Candidate, str]:
        """The candidate and its rules. A source that fails is in it as it was, a broken rule is left out: each is
        named. Raises `EngineFault` where Suricata or suricata-update fails."""
        fetched = [
            self.sources.fetch(name, source, offline) for name, source in wanted.sources.items() if source.enabled
        ]
        with TemporaryDirectory(prefix="wardwatch-rules-") as made:
            folder = Path(made)
            local, problems = self._local(folder, wanted)
            merged = merge(self.merging, [*local, *(file for each in fetched for file in each.files)], wanted)
            text, late = self._loadable(folder, merged, fetched)
        problems += late
        if len(text.encode()) > MAX_RULES_BYTES:
            raise SystemFault(
                f"the set has {len(text.encode())} bytes, above {MAX_RULES_BYTES}: no sensor could be sent it",
                "leave out sources that no sensor needs",
            )
        candidate = Candidate(
            version=version_of_text(text),
            built_at=self.clock(),
            by=actor.name,
            counts=counted(text, len(problems)),
            sources=tuple(fetched_as_json(each) for each in fetched),
            problems=tuple(problems[:_MOST_PROBLEMS]),
            warnings=merged.warnings[:_MOST_PROBLEMS],
        )
        return candidate, text

    def _local(self, folder: Path, wanted: RulesDocument) -> tuple[list[Path], list[Problem]]:
        """Our rules and the installation's without those that are broken, as files of the same names."""
        clean, problems = [], []
        for file in ([OURS] if wanted.ours else []) + list(rule_files(self.places.local)):
            text = file.read_text(encoding="utf-8", errors="replace")
            broken = self.linter.broken_lines(file)
            sids = {rule.line: rule.sid for rule in read_rules(text)}
            problems += [_problem(self._shown(file), line, sids.get(line), why) for line, why in sorted(broken.items())]
            kept = folder / file.name
            kept.write_text(without(text, broken), encoding="utf-8")
            clean.append(kept)
        return clean, problems

    def _loadable(self, folder: Path, merged: Merged, fetched: Sequence[Fetched]) -> tuple[str, list[Problem]]:
        """The set without what Suricata refuses of it. suricata-update writes a rule a line, so its lines say which."""
        file = folder / "merged.rules"
        file.write_text(merged.text, encoding="utf-8")
        broken = self.linter.broken_lines(file)
        if not broken:
            return merged.text, []
        sids = {rule.line: rule.sid for rule in read_rules(merged.text)}
        origin = _Origins(fetched)
        problems = []
        for line, why in sorted(broken.items()):
            place = origin.of(sids.get(line, 0))
            problems.append(_problem(place.file, place.line, sids.get(line), why))
        return without(merged.text, broken), problems

    def _shown(self, file: Path) -> str:
        return str(file.relative_to(self.places.root)) if file.is_relative_to(self.places.root) else file.name


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    line: int


class _Origins:
    """In which file of which source a sid stands; read when the first broken rule asks."""

    def __init__(self, fetched: Sequence[Fetched]) -> None:
        self._fetched = fetched
        self._found: dict[int, _Place] | None = None

    def of(self, sid: int) -> _Place:
        if self._found is None:
            self._found = {
                rule.sid: _Place(f"{each.name}/{name}", rule.line)
                for each in self._fetched
                for file in each.files
                for name, text in unpacked(file.name, file.read_bytes())
                for rule in read_rules(text)
            }
        return self._found.get(sid, _Place("suricata.rules", 0))


def _problem(file: str, line: int, sid: int | None, why: str) -> Problem:
    return Problem(file, line, why if sid is None else f"sid {sid}: {why}")
