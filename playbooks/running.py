"""Runs a plan over its devices, batch by batch, and goes on where a killed run stopped."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playbooks.access import Access
from playbooks.journal import FINAL, Journal, Lease, Standing, State, entries, standings
from playbooks.plans import DevicePlan, Plan
from playbooks.platforms import platform_named
from playbooks.pushing import Push, Target
from playbooks.rollout import batches
from playbooks.sealing import resolver
from playbooks.vault import Vault
from wardwatch.errors import NotFound, WardWatchError
from wardwatch.model.time import duration

GOOD = frozenset({State.SAVED, State.UNCHANGED})


@dataclass(frozen=True, slots=True)
class Runner:
    """What a run needs. A plan is run once: its run has the plan's own id. `minute_s` is how long devices' minutes
    last; `sleep` waits between batches."""

    folder: Path
    access: Access
    vault: Vault
    resolve: Callable[[str], str]
    minute_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, plan: Plan, actor: str, break_glass: str | None = None) -> dict[str, Standing]:
        """From the beginning, or on from where it stopped. Every device's state when it ended. Raises `Conflict` when
        it is being run, or a device is held by another run."""
        with Journal(self.journal_of(plan.id)) as journal, ExitStack() as leases:
            fences = {
                each.device: leases.enter_context(Lease(self.folder / "leases", each.device)).fence
                for each in plan.devices
                if each.lines
            }
            known = standings(entries(self.journal_of(plan.id)))
            journal.write("begun", actor=actor, break_glass=break_glass or "", fences=fences, resumed=bool(known))
            return self._batches(plan, journal, known)

    def status(self, plan: Plan) -> dict[str, Standing]:
        """Every device's state; planned where nothing has happened yet."""
        path = self.journal_of(plan.id)
        known = standings(entries(path)) if path.exists() else {}
        return {each.device: known.get(each.device, Standing(State.PLANNED)) for each in plan.devices}

    def roll_back(self, plan: Plan, actor: str, why: str) -> dict[str, Standing]:
        """Takes back every device that was saved, the last first."""
        path = self.journal_of(plan.id)
        known = self.status(plan)
        if not any(each.state is State.SAVED for each in known.values()):
            raise NotFound(f"nothing of the plan {plan.id[:12]} is saved anywhere", "see 'wardwatch playbook status'")
        snapshots = _snapshots(entries(path))
        with Journal(path) as journal, ExitStack() as leases:
            for each in plan.devices:
                if each.lines:
                    leases.enter_context(Lease(self.folder / "leases", each.device))
            journal.write("rollback", actor=actor, why=why)
            self._undo(plan, plan.devices, known, snapshots, journal, why)
        return self.status(plan)

    def stop(self, plan: Plan, actor: str) -> None:
        """Asks the run of a plan, in whichever process it is, to begin with no other device."""
        self._stop_of(plan.id).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stop_of(plan.id).write_text(actor, "utf-8")

    def _stop_of(self, plan: str) -> Path:
        return self.folder / "runs" / f"{plan}.stop"

    def _stopped(self, plan: Plan, journal: Journal) -> bool:
        """Whether somebody asked for a stop; that is written down, and a later run begins anew."""
        path = self._stop_of(plan.id)
        if not path.exists():
            return False
        journal.write("stopped", actor=path.read_text("utf-8"))
        path.unlink(missing_ok=True)
        return True

    def _bake(self, plan: Plan, seconds: float) -> None:
        """Waits, but not past a stop."""
        while seconds > 0 and not self._stop_of(plan.id).exists():
            self.sleep(min(1.0, seconds))
            seconds -= 1.0

    def journal_of(self, plan: str) -> Path:
        return self.folder / "runs" / f"{plan}.jsonl"

    def _batches(self, plan: Plan, journal: Journal, known: dict[str, Standing]) -> dict[str, Standing]:
        playbook, rollout = plan.document, plan.document.rollout
        records = entries(self.journal_of(plan.id))
        touched = [each for each in plan.devices if each.lines]
        result: dict[str, Standing] = {
            each.device: Standing(State.UNCHANGED, "nothing to change") for each in plan.devices if not each.lines
        }
        plans = batches(touched, rollout)
        with ThreadPoolExecutor(rollout.parallel) as pool:
            for number, batch in enumerate(plans):
                if self._stopped(plan, journal):
                    break
                journal.write("batch", number=number, devices=[each.device for each in batch])
                done = pool.map(lambda each: self._one(plan, each, journal, known, records), batch)
                result.update(zip((each.device for each in batch), done, strict=True))
                self.vault.commit()
                bad = [name for name, standing in result.items() if standing.state not in GOOD]
                tried = sum(each.device in result for each in touched)
                if bad and (number == 0 or 100 * len(bad) > rollout.max_failure_pct * tried):
                    journal.write("halted", failed=bad)
                    if playbook.rollback.on_fail == "all":
                        taken = _snapshots(entries(self.journal_of(plan.id)))
                        self._undo(plan, touched, result, taken, journal, "the run was halted")
                    break
                fresh = any(each.device not in known for each in batch)
                if number + 1 < len(plans) and fresh:
                    self._bake(plan, duration(rollout.canary.bake if number == 0 else rollout.bake).total_seconds())
        journal.write("ended")
        return self.status(plan)

    def _one(
        self,
        plan: Plan,
        device: DevicePlan,
        journal: Journal,
        known: Mapping[str, Standing],
        records: list[dict[str, str]],
    ) -> Standing:
        """One device; a fault of our own is its outcome too, and the others go on."""
        standing = known.get(device.device)
        try:
            push = self._push(plan, device, journal)
            if standing is None or standing.state is State.PLANNED:
                return push.run()
            pushed = [each["found"] for each in records if each["event"] == "state" and each["device"] == device.device
                      and each["state"] == State.PUSHED.value]  # fmt: skip
            snapshot = _snapshots(records)[device.device]
            return push.resume(standing, snapshot, pushed[-1] if pushed else "")
        except WardWatchError as error:
            outcome = Standing(State.UNKNOWN if standing and standing.state not in FINAL else State.REFUSED, str(error))
            journal.state(device.device, outcome.state, outcome.why)
            return outcome

    def _undo(
        self, plan: Plan, devices: Sequence[DevicePlan], known: Mapping[str, Standing], snapshots: Mapping[str, str],
        journal: Journal, why: str,
    ) -> None:  # fmt: skip
        for device in reversed(devices):
            standing = known.get(device.device)
            if standing is not None and standing.state is State.SAVED:
                self._push(plan, device, journal).undo(snapshots[device.device], why)
        self.vault.commit()

    def _push(self, plan: Plan, device: DevicePlan, journal: Journal) -> Push:
        platform = platform_named(device.platform)
        login = self.access.login(self.access.inventory.devices[device.device])
        resolve = resolver(plan, self.vault, self.resolve)
        return Push(Target(device, platform, login, resolve, self.minute_s), plan.document, journal, self.vault)


def _snapshots(records: list[dict[str, str]]) -> dict[str, str]:
    """The sealed configuration of each device from before the change."""
    return {record["device"]: record["sealed"] for record in records if record["event"] == "snapshot"}
