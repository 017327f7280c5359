"""The rules of an installation: update, check, replay, deploy, roll back; one at a time, whoever asks."""

import asyncio
import fcntl
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.rules.building import OURS, Builder
from detectors.rules.candidate import (
    Candidate,
    counted,
    keep_candidate,
    keep_difference,
    read_candidate,
    read_difference,
    rule_files,
    wanted_candidate,
)
from detectors.rules.checking import CheckSettings, Linter, without
from detectors.rules.documents import RulesDocument, read_rules_settings
from detectors.rules.fetching import MAX_BYTES, refuse_what_has_no_rules
from detectors.rules.places import RULES, RulePlaces
from detectors.rules.replaying import SUFFIXES, Difference, Reading, captures_in, replay, replay_configuration
from detectors.rules.rollout import Rollout, Turn, judge, read_rollout, write_rollout
from detectors.rules.versions import Deed, Entry, Versions
from wardwatch.errors import Conflict, Problem, StoreFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.health import PartHealth
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

Audit = Callable[[Actor, str, str, Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class RuleKeeper:
    """`check` says which Suricata judges; `reading` starts one for replays; `audit` keeps each write in the chain."""

    places: RulePlaces
    builder: Builder
    check: CheckSettings
    reading: Reading
    audit: Audit
    clock: Clock

    @property
    def versions(self) -> Versions:
        return Versions(self.places)

    def settings(self) -> RulesDocument:
        """What `rules.yaml` says now. Raises `DocumentError`."""
        return read_rules_settings(self.places.settings)

    def update(self, actor: Actor, offline: bool = False) -> Candidate:
        """Builds a new candidate out of the sources. Raises `Conflict` while another works here."""
        with self._alone():
            candidate, text = self.builder.build(actor, self.settings(), offline)
            keep_candidate(self.places, text, candidate)
        self._note(actor, "rules.update", candidate.version, {"active": candidate.counts.active, "offline": offline})
        return candidate

    def lint(self, files: Sequence[Path] = ()) -> tuple[list[Problem], int]:
        """What is wrong with the installation's own rules (or with these files), and how many rules were looked at."""
        files = [each for file in files for each in (rule_files(file) if file.is_dir() else [file])]
        files = files or ([OURS] if self.settings().ours else []) + list(rule_files(self.places.local))
        total = 0
        for file in files:
            total += sum(counted_rules(file))
        return Linter(self.check).check(files), total

    def candidate(self) -> tuple[Candidate, Difference | None] | None:
        """The candidate and what its replay has shown, if there was one."""
        found = read_candidate(self.places)
        return None if found is None else (found[0], read_difference(self.places, found[0].version))

    def deployed_text(self) -> str:
        """The set that sensors get; empty where there is none."""
        try:
            return self.places.deployed.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def replay(self, actor: Actor, captures: Path | None = None) -> tuple[Candidate, Difference]:
        """Reads stored captures with the deployed set and with the candidate. Raises `UserError` without captures."""
        folder = captures or self.captures()
        found = captures_in(folder)
        with self._alone():
            candidate, text = wanted_candidate(self.places)
            with tempfile.TemporaryDirectory(prefix="wardwatch-replay-") as made:
                configuration = replay_configuration(self.check.configuration, Path(made))
                old, new = (self._loadable(configuration, each, made) for each in (self.deployed_text(), text))
                difference = replay(self.reading, configuration, old, new, found)
            keep_difference(self.places, candidate.version, difference)
        detail = {"captures": difference.captures, "before": difference.alerts_before, "after": difference.alerts_after}
        self._note(actor, "rules.replay", candidate.version, detail)
        return candidate, difference

    def captures(self) -> Path:
        """Where the captures are that candidates are replayed over."""
        named = self.settings().captures
        return self.places.captures if named is None else self.places.root / named

    async def bring(self, actor: Actor, name: str, parts: AsyncIterator[bytes]) -> int:
        """Keeps an archive that comes in parts, once it is seen to hold rules; how many bytes. Raises `UserError`."""
        content = bytearray()
        async for part in parts:
            content += part
            if len(content) > MAX_BYTES:
                raise UserError(f"{name} is above {MAX_BYTES // 1024**2} MiB")

        def keep() -> None:
            refuse_what_has_no_rules(name, bytes(content))
            self.places.archives.mkdir(parents=True, exist_ok=True)
            aside = self.places.archives / ".aside"
            aside.write_bytes(content)
            aside.rename(self.places.archives / name)
            self.audit(actor, "rules.archive", name, {"bytes": len(content)})

        await asyncio.to_thread(keep)
        return len(content)

    def has_captures(self) -> bool:
        """Whether there is anything to replay."""
        folder = self.captures()
        return any(path.suffix in SUFFIXES for path in folder.rglob("*"))

    def deploy(self, actor: Actor, version: str, why: str, staged: bool = True) -> Entry:
        """Hands the candidate to the sensors: to those that come first, where `rules.yaml` names any and `staged`, else
        to all. Raises `Conflict` when the candidate is another one, `UserError` for one that cannot be wanted."""
        with self._alone():
            candidate, text = wanted_candidate(self.places)
            if candidate.version != version:
                raise Conflict("the candidate is another one now", "look at it again")
            if candidate.counts.active == 0:
                raise UserError("the candidate has no active rule: every sensor would go blind", "see its sources")
            self._refuse_strangers()
            rollout = self.settings().rollout
            self._keep_what_was_found()
            self.versions.put(text)
            if staged and rollout.first:
                self._begin(
                    text, Rollout(version, rollout.first, rollout.for_minutes * 60, self.clock(), actor.name, why)
                )
                return self._entered(actor, version, Deed.TRIED, why)
            self._end_rollout()
            self._swap(self.places.deployed, text)
            return self._entered(actor, version, Deed.DEPLOYED, why)

    def roll_back(self, actor: Actor, version: str | None, why: str) -> Entry:
        """Hands all sensors an earlier set at once: the one that begins with `version`, or the one before. A rollout
        under way ends; without `version` that is all that happens. Raises `NotFound`."""
        with self._alone():
            rollout = self.rollout()
            if rollout is not None and version is None:
                self._end_rollout()
                return self._entered(actor, rollout.version, Deed.HALTED, why)
            wanted = self.versions.previous() if version is None else self.versions.whole(version)
            text = self.versions.text(wanted)
            self._refuse_strangers()
            self._end_rollout()
            self._swap(self.places.deployed, text)
            return self._entered(actor, wanted, Deed.ROLLED_BACK, why)

    def rollout(self) -> Rollout | None:
        """The rollout under way."""
        return read_rollout(self.places.rollout)

    def advance(self, asked: Mapping[str, str], parts: Sequence[PartHealth]) -> Turn | None:
        """Goes on with a rollout or stops it, by what its first sensors say; None where there is none."""
        rollout = self.rollout()
        if rollout is None:
            return None
        judged = judge(rollout, asked, parts, self.clock())
        if judged.turn is Turn.WAIT and judged.rollout == rollout:
            return judged.turn
        with self._alone():
            if self.rollout() != rollout:
                return Turn.WAIT
            actor = Actor.system("core")
            if judged.turn is Turn.WAIT:
                write_rollout(self.places.rollout, judged.rollout)
            elif judged.turn is Turn.PROMOTE:
                self._swap(self.places.deployed, self.versions.text(rollout.version))
                self._end_rollout()
                self._entered(actor, rollout.version, Deed.DEPLOYED, rollout.why)
            else:
                log.error("rules halted version=%.12s reason=%s", rollout.version, judged.reason)
                self._end_rollout()
                self._entered(actor, rollout.version, Deed.HALTED, judged.reason)
        return judged.turn

    def _loadable(self, configuration: Path, text: str, folder: str) -> str:
        """Without what Suricata would not load by the configuration of replays: the same for both sets."""
        file = Path(folder) / RULES
        file.write_text(text, encoding="utf-8")
        check = CheckSettings(configuration, self.check.program, self.check.timeout_s)
        broken = Linter(check).broken_lines(file)
        return without(text, broken) if broken else text

    def _begin(self, text: str, rollout: Rollout) -> None:
        self.places.first.mkdir(parents=True, exist_ok=True)
        self._swap(self.places.first / RULES, text)
        write_rollout(self.places.rollout, rollout)
        self._swap(self.places.first / "edges", "".join(f"{edge}\n" for edge in rollout.first))

    def _end_rollout(self) -> None:
        (self.places.first / "edges").unlink(missing_ok=True)
        (self.places.first / RULES).unlink(missing_ok=True)
        self.places.rollout.unlink(missing_ok=True)

    def _keep_what_was_found(self) -> None:
        """A set that stood there before rules were managed must be there to go back to."""
        old = self.deployed_text()
        if old and self.versions.deployed() not in {entry.version for entry in self.versions.history()}:
            version = self.versions.put(old)
            entry = Entry(version, Deed.DEPLOYED, self.clock(), "unknown", "found in place", counted(old, 0))
            self.versions.note(entry)

    def _refuse_strangers(self) -> None:
        """Files that stood there before rules were managed would go to the sensors beside the set."""
        strangers = [file.name for file in rule_files(self.places.root) if file != self.places.deployed]
        if strangers:
            raise UserError(
                f"{', '.join(strangers)} in {self.places.root} would reach the sensors beside the set",
                f"move them into {self.places.local} and update",
            )

    def _swap(self, path: Path, text: str) -> None:
        """In one step, and durable: a sensor gets the old set or the new one."""
        aside = path.with_name(f".{path.name}.aside")
        try:
            with aside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
        except OSError as error:
            raise StoreFault(
                f"the rules {path} cannot be written: {error.strerror}", "see that the disk has room"
            ) from None

    def _entered(self, actor: Actor, version: str, deed: Deed, why: str) -> Entry:
        counts = counted(self.versions.text(version), 0)
        entry = Entry(version, deed, self.clock(), actor.name, why, counts)
        self.versions.note(entry)
        self._note(actor, f"rules.{deed}", version, {"why": why, "active": counts.active})
        return entry

    def _note(self, actor: Actor, action: str, version: str, detail: Mapping[str, Any]) -> None:
        self.audit(actor, action, version, detail)
        log.info("%s version=%.12s by=%s", action, version, actor.name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps others away from the folder, this process's threads too. Raises `Conflict`."""
        self.places.root.mkdir(parents=True, exist_ok=True)
        with self.places.lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict("somebody else works on the rules", "wait for the end of that") from None
            yield


def counted_rules(file: Path) -> tuple[int, int]:
    """Active and disabled rules of a file. Raises `UserError` where it cannot be read."""
    try:
        counts = counted(file.read_text(encoding="utf-8", errors="replace"), 0)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    return counts.active, counts.disabled
