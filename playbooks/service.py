"""Everything that can be asked of changes, as one object: the command line, the API and response playbooks call it.

Every verb blocks (devices are slow): from a loop call it in a thread. Who asks is a name; whether they may is asked
by the caller before, but for approvals, which are counted here.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playbooks.access import Access
from playbooks.approvals import Agreement, admit, agree, valid
from playbooks.documents import Playbook
from playbooks.journal import Standing, State, entries
from playbooks.library import FOLDER, read_playbook, shelf
from playbooks.planning import Planner
from playbooks.plans import Plan, keep, read_plan
from playbooks.rendering import values_of
from playbooks.restoring import restoring
from playbooks.running import Runner
from playbooks.sessions import Session
from playbooks.texts import normalised
from playbooks.vault import Vault
from wardwatch.errors import NotFound, UserError, WardWatchError
from wardwatch.model.inventory import Device
from wardwatch.model.time import Clock
from wardwatch.strict_yaml import nearest

log = logging.getLogger(__name__)

BACKED_UP_AT_ONCE = 20


class Approvals(Protocol):
    """Who agreed to plans."""

    def agree(self, plan: Plan, person: str) -> Agreement:
        """Raises `Forbidden` for the author and for one who agreed already."""
        ...

    def valid(self, plan: Plan) -> Sequence[Agreement]:
        """The approvals that count now."""
        ...


@dataclass(frozen=True, slots=True)
class FileApprovals:
    """Approvals as files beside the plans."""

    folder: Path
    clock: Clock

    def agree(self, plan: Plan, person: str) -> Agreement:
        return agree(self.folder, plan, person, self.clock())

    def valid(self, plan: Plan) -> Sequence[Agreement]:
        return valid(self.folder, plan, self.clock())


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one device's backup. `fault` is empty where it was read; `unsaved`: what runs is not what it
    would start with."""

    device: str
    changed: bool = False
    unsaved: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """An installation's playbooks, plans, runs and configurations."""

    folder: Path
    access: Access
    vault: Vault
    planner: Planner
    runner: Runner
    approvals: Approvals
    clock: Clock

    @property
    def plans_folder(self) -> Path:
        return self.folder / "plans"

    def device(self, name: str) -> Device:
        """Raises `NotFound` with the nearest name."""
        known = self.access.inventory.devices
        if name not in known:
            raise NotFound(f"there is no device '{name}'", nearest(name, list(known)))
        return known[name]

    def playbooks(self) -> list[Playbook]:
        """The shipped ones, and those of the installation's folder `library`."""
        own = self.folder / "library"
        return list(shelf([FOLDER, *([own] if own.is_dir() else [])]).playbooks.values())

    def plan(self, playbook: str, given: Mapping[str, str], author: str, devices: Sequence[str] = ()) -> Plan:
        """Plans a playbook by its name or file, and keeps the plan. Reads every target; changes nothing."""
        own = self.folder / "library" / f"{playbook}.yaml"
        document = read_playbook(own if own.is_file() else Path(playbook))
        return self.planned(document, given, author, devices)

    def planned(self, document: Playbook, given: Mapping[str, str], author: str, devices: Sequence[str] = ()) -> Plan:
        """As `plan`, of a playbook that was made (a remediation)."""
        made = self.planner.plan(document, values_of(document, given, document.name), author, devices)
        keep(made, self.plans_folder)
        return made

    def restore(self, device: str, version: str | None, author: str) -> Plan:
        """A plan that brings a device back to a version of its configuration, secrets and all."""
        text = self.vault.full(self.device(device).id, version)
        if not text:
            raise UserError(f"there is no configuration of {device}", "back it up first")
        made = restoring(self.planner, self.device(device), text, version or "the newest", author)
        keep(made, self.plans_folder)
        return made

    def plans(self) -> list[Plan]:
        """All kept plans, the newest first; one that was edited is left out and logged."""
        found = []
        for path in self.plans_folder.glob("*.json"):
            try:
                found.append(read_plan(self.plans_folder, path.stem))
            except WardWatchError as error:
                log.warning("plan left out plan=%s reason=%s", path.stem[:12], error)
        return sorted(found, key=lambda plan: plan.made_at, reverse=True)

    def read(self, name: str) -> Plan:
        """A plan by its hash, or the beginning of it."""
        return read_plan(self.plans_folder, name)

    def approve(self, name: str, person: str) -> tuple[int, int]:
        """Notes an approval; how many there are now, and how many are needed."""
        plan = self.read(name)
        self.approvals.agree(plan, person)
        return len(self.approvals.valid(plan)), plan.approvals

    def admit(self, plan: Plan, break_glass: str | None = None) -> None:
        """Raises `Forbidden` where a device would be changed that may not be now. What was begun may be ended."""
        standing = self.runner.status(plan)
        if any(standing[each.device].state is State.PLANNED for each in plan.devices if each.lines):
            admit(plan, self.approvals.valid(plan), self.clock(), break_glass)

    def run(self, name: str, actor: str, break_glass: str | None = None) -> dict[str, Standing]:
        """Pushes a plan that may run now, or goes on where it stopped. Blocks until it ended."""
        plan = self.read(name)
        self.admit(plan, break_glass)
        return self.runner.run(plan, actor, break_glass)

    def resume(self, name: str, actor: str) -> dict[str, Standing]:
        """Ends what a killed run began."""
        plan = self.read(name)
        if not self.runner.journal_of(plan.id).exists():
            raise UserError(f"the plan {plan.id[:12]} was never begun", "wardwatch playbook run PLAN --apply")
        return self.run(plan.id, actor)

    def stop(self, name: str, actor: str) -> None:
        """The run of this plan begins with no other device; those in hand are ended."""
        self.runner.stop(self.read(name), actor)

    def status(self, name: str) -> dict[str, Standing]:
        """Where each device stands."""
        return self.runner.status(self.read(name))

    def journal(self, name: str) -> list[dict[str, Any]]:
        """The records of a plan's run, the first first; none where it was never begun. Sealed texts are left out."""
        path = self.runner.journal_of(self.read(name).id)
        records = entries(path) if path.exists() else []
        return [{key: value for key, value in record.items() if key != "sealed"} for record in records]

    def roll_back(self, name: str, actor: str, why: str) -> dict[str, Standing]:
        """Brings every saved device back to its configuration from before."""
        return self.runner.roll_back(self.read(name), actor, why)

    def backup(
        self, devices: Sequence[str], actor: str, why: str, told: Callable[[Kept], None] = lambda _: None
    ) -> list[Kept]:
        """Reads and keeps configurations: of these devices, or of all that have a login. `told` hears of each."""
        wanted = [self.device(name) for name in devices] or [
            each for each in self.access.inventory.devices.values() if self.access.rule(each) is not None
        ]
        found = []
        with ThreadPoolExecutor(BACKED_UP_AT_ONCE) as pool:
            for kept in pool.map(lambda device: self._backed_up(device, actor, why), wanted):
                told(kept)
                found.append(kept)
        return found

    def _backed_up(self, device: Device, actor: str, why: str) -> Kept:
        try:
            login = self.access.login(device)
            platform = self.access.platform(device)
            assert platform is not None
            with Session(login, platform) as session:
                running, startup = session.running(), session.startup()
            changed = self.vault.store(device.id, running, platform, actor, why)
            unsaved = startup is not None and normalised(startup, platform) != normalised(running, platform)
            return Kept(device.id, changed, unsaved)
        except WardWatchError as error:
            return Kept(device.id, fault=str(error))
