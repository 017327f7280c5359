"""The rules of a Suricata beside us: a new set is checked, put in place whole, and loaded without a restart.

A set that Suricata does not load in full leaves the old one in force. `suricata -T` tells before anything is touched;
where it cannot be asked (no program, or it runs elsewhere), the running Suricata tells after the reload, and the old
file is put back: its `reload-rules` is answered `done` whatever could be loaded.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from collectors.suricata.command_socket import CommandSocket, command_socket
from wardwatch.errors import EngineFault, StoreFault
from wardwatch.settings import SensorSettings
from wardwatch.suricata_log import errors_said

log = logging.getLogger(__name__)

_LONGEST_REASON = 300


class RulesState(StrEnum):
    """What became of a rule set."""

    ACTIVE = "active"
    WAITING = "waiting"  # in place, and no Suricata runs that could load it
    REFUSED = "refused"  # the old one is in force


@dataclass(frozen=True, slots=True)
class RulesOutcome:
    """`version` is the set in place: the new one, or the old one when the new one was refused, which `reason` explains.
    `loaded` is how many rules are in force, when Suricata says so."""

    version: str
    state: RulesState
    loaded: int | None = None
    reason: str = ""


class SensorRules:
    """The rule file of one Suricata. One call at a time."""

    def __init__(self, settings: SensorSettings) -> None:
        self._settings = settings
        rules = settings.rules
        self._aside = rules.with_name(f".{rules.name}.aside")
        self._previous = rules.with_name(f".{rules.name}.previous")
        self._told = rules.with_name(f".{rules.name}.version")

    def version(self) -> str:
        """The version in place; empty when the file is not what we put there."""
        try:
            told = json.loads(self._told.read_bytes())
            content = self._settings.rules.read_bytes()
            return str(told["version"]) if told["sha256"] == hashlib.sha256(content).hexdigest() else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    async def in_force(self) -> RulesOutcome | None:
        """The set in place, and whether a Suricata runs that has it; None when we put none there. Raises
        `EngineFault`."""
        version = await asyncio.to_thread(self.version)
        if not version:
            return None
        async with command_socket(self._settings.command_socket, self._settings.timeout_s) as suricata:
            if suricata is None:
                return RulesOutcome(version, RulesState.WAITING)
            await self._examine(suricata)
            return RulesOutcome(version, RulesState.ACTIVE, await suricata.rules_loaded())

    async def apply(self, rules: bytes, version: str) -> RulesOutcome:
        """Puts a rule set in force, or says why the old one stays. Raises `StoreFault` when the disk refuses."""
        before = await asyncio.to_thread(self.version)
        await self._on_disk(self._write_aside, rules)
        try:
            if reason := await self._objection():
                return self._refused(before, reason)
            await self._on_disk(self._put_in_place)
        finally:
            self._aside.unlink(missing_ok=True)
        try:
            loaded = await self._load()
        except EngineFault as fault:
            await self._on_disk(self._put_back)
            with contextlib.suppress(EngineFault):
                await self._load()
            return self._refused(before, str(fault))
        await self._on_disk(self._remember, rules, version)
        state = RulesState.WAITING if loaded is None else RulesState.ACTIVE
        log.info("rules %s version=%.12s loaded=%s", state, version, loaded)
        return RulesOutcome(version, state, loaded)

    def _refused(self, before: str, reason: str) -> RulesOutcome:
        log.error("rules refused kept_version=%.12s reason=%s", before, reason)
        return RulesOutcome(before, RulesState.REFUSED, reason=reason)

    async def _objection(self) -> str:
        """What `suricata -T` has against the new file; nothing where the program is not here."""
        settings = self._settings
        program = shutil.which(settings.program)
        if program is None or not settings.configuration.exists():
            return ""
        with tempfile.TemporaryDirectory(prefix="wardwatch-rules-") as logs:
            tested = await asyncio.create_subprocess_exec(
                *(program, "-T", "-c", str(settings.configuration), "-S", str(self._aside), "-l", logs),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                said, _ = await asyncio.wait_for(tested.communicate(), settings.timeout_s)
            except TimeoutError:
                return f"suricata -T did not end in {settings.timeout_s:.0f} s"
            finally:
                if tested.returncode is None:
                    tested.kill()
                    await tested.wait()
        return "" if tested.returncode == 0 else _complaint(said.decode("utf-8", "replace"), self._aside)

    async def _load(self) -> int | None:
        """Rules in force after a reload; None where no Suricata runs. Raises `EngineFault` when it did not take all."""
        async with command_socket(self._settings.command_socket, self._settings.timeout_s) as suricata:
            if suricata is None:
                return None
            await suricata.reload_rules()
            await self._examine(suricata)
            return await suricata.rules_loaded()

    async def _examine(self, suricata: CommandSocket) -> None:
        own = [each for each in await suricata.failed_rules() if Path(each.file).name == self._settings.rules.name]
        if own:
            first = own[0]
            raise EngineFault(f"{len(own)} rules were not loaded; line {first.line}: {first.rule[:200]}")

    async def _on_disk(self, work: Callable[..., None], *arguments: bytes | str) -> None:
        try:
            await asyncio.to_thread(work, *arguments)
        except OSError as error:
            raise StoreFault(
                f"the rules {self._settings.rules} cannot be written: {error.strerror}",
                "let the user of wardwatch write into that folder, and see that its disk has room",
            ) from None

    def _write_aside(self, rules: bytes) -> None:
        self._aside.parent.mkdir(parents=True, exist_ok=True)
        _write_synced(self._aside, rules)

    def _put_in_place(self) -> None:
        self._previous.unlink(missing_ok=True)
        if self._settings.rules.exists():
            os.link(self._settings.rules, self._previous)
        self._aside.rename(self._settings.rules)
        _sync_folder(self._settings.rules.parent)

    def _put_back(self) -> None:
        if self._previous.exists():
            self._previous.rename(self._settings.rules)
        else:
            self._settings.rules.unlink(missing_ok=True)
        _sync_folder(self._settings.rules.parent)

    def _remember(self, rules: bytes, version: str) -> None:
        told = {"version": version, "sha256": hashlib.sha256(rules).hexdigest()}
        aside = self._told.with_suffix(".aside")
        _write_synced(aside, json.dumps(told).encode())
        aside.rename(self._told)
        _sync_folder(self._told.parent)


def _complaint(said: str, file: Path) -> str:
    """The first error that Suricata names, without the name of a file that nobody knows."""
    reason = "; ".join(errors_said(said)[:2]) or said.strip()[-_LONGEST_REASON:] or "suricata -T failed"
    return reason.replace(f" from file {file}", "")[:_LONGEST_REASON]


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
