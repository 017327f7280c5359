"""Makes a plan: a fresh snapshot of every target, rendered lines, lint, exact difference, blast radius."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from playbooks.access import Access
from playbooks.difference import difference, predicted, way
from playbooks.documents import Playbook
from playbooks.lint import Finding, lint
from playbooks.plans import DevicePlan, Plan
from playbooks.platforms import Platform
from playbooks.rendering import Values, rendered
from playbooks.sealing import SEALED, referenced, sealed_words
from playbooks.sessions import Session
from playbooks.texts import digest, normalised, redacted
from playbooks.vault import Vault
from wardwatch.errors import UserError, WardWatchError
from wardwatch.model.inventory import Device, Inventory
from wardwatch.model.time import Clock
from wardwatch.secrets import SECRET_REFERENCE

APPROVALS = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True)
class Planner:
    """What planning needs. `groups` says which redundancy group a device is in."""

    inventory: Inventory
    access: Access
    vault: Vault
    clock: Clock
    groups: Mapping[str, str]
    resolve: Callable[[str], str]

    def plan(self, playbook: Playbook, values: Values, author: str, chosen: Sequence[str] = ()) -> Plan:
        """Raises `UserError` where it selects nothing or too much, or a line may not be sent."""
        targets = self.targets(playbook, chosen)
        with ThreadPoolExecutor(playbook.rollout.parallel) as pool:
            made = list(pool.map(lambda device: self._attempt(playbook, values, device, author), targets))
        return self._frozen(playbook, values, author, made)

    def back_to(self, playbook: Playbook, device: Device, text: str, author: str) -> Plan:
        """A plan that makes a device's configuration this full text; its secrets stay sealed in the plan."""
        platform = self._pushable(device)
        full = self._read(device, platform, author, f"before {playbook.name}")
        before, after = normalised(full, platform), normalised(text, platform)
        raw, back = way(before, after, platform), way(after, before, platform)
        words: list[str] = []
        lines = referenced(raw, platform, words)
        shown = difference(redacted(_flat(before, platform), platform), redacted(_flat(after, platform), platform))
        findings = _findings(device, before, raw, back)
        planned = self._planned(device, platform, lines, back, shown, full)
        return self._frozen(playbook, {SEALED: sealed_words(self.vault, words)}, author, [(planned, findings)])

    def _frozen(
        self,
        playbook: Playbook,
        values: Values,
        author: str,
        made: Sequence[tuple[DevicePlan, list[Finding]] | WardWatchError],
    ) -> Plan:
        """The whole plan, or why there is none."""
        failed = [str(each) for each in made if isinstance(each, WardWatchError)]
        if failed:
            raise UserError("no plan, since not every target could be read:\n" + "\n".join(failed))
        plans = [each for each in made if isinstance(each, tuple)]
        findings = [str(finding) for _, found in plans for finding in found if finding.rule not in playbook.lint.allow]
        if findings:
            raise UserError("no plan, since it could lock us out:\n" + "\n".join(sorted(set(findings))))
        devices = tuple(plan for plan, _ in plans)
        allowed = sorted({str(finding) for _, found in plans for finding in found})
        return Plan(
            author=author,
            made_at=self.clock().isoformat(),
            playbook=playbook.model_dump(mode="json"),
            values=dict(values),
            devices=devices,
            findings=tuple(allowed),
            units=tuple(sorted({device.unit for device in devices if device.lines})),
            services=self._services({device.device for device in devices if device.lines}),
            approvals=self._approvals(playbook, bool(allowed)),
        )

    def targets(self, playbook: Playbook, chosen: Sequence[str] = ()) -> list[Device]:
        """The devices of a playbook, in the order of the inventory."""
        wanted = playbook.targets
        unknown = [
            name for name in (*chosen, *wanted.exclude, *wanted.select.devices) if name not in self.inventory.devices
        ]
        if unknown:
            raise UserError(f"{playbook.name}: there is no device {', '.join(unknown)} in the inventory")
        if wanted.chosen and not chosen:
            raise UserError(f"{playbook.name} is for chosen devices", "name them with --device")
        found = []
        for device in self.inventory.devices.values():
            rule = self.access.rule(device)
            if rule is None or rule.platform not in playbook.config or device.id in wanted.exclude:
                continue
            if self.access.selects(wanted.select, device, rule.platform) and (not chosen or device.id in chosen):
                found.append(device)
        missed = sorted(set(chosen) - {device.id for device in found})
        if missed:
            raise UserError(f"{playbook.name} is not for {', '.join(missed)}", "see its targets, platforms and logins")
        if not found:
            raise UserError(f"{playbook.name} selects no device", "see its targets, and the logins of access.yaml")
        if len(found) > wanted.max:
            raise UserError(
                f"{playbook.name} selects {len(found)} devices, at most {wanted.max} are meant", "narrow it"
            )
        return found

    def _attempt(
        self, playbook: Playbook, values: Values, device: Device, author: str
    ) -> tuple[DevicePlan, list[Finding]] | WardWatchError:
        try:
            return self._one(playbook, values, device, author)
        except WardWatchError as error:
            return error

    def _one(self, playbook: Playbook, values: Values, device: Device, author: str) -> tuple[DevicePlan, list[Finding]]:
        platform = self._pushable(device)
        lines = rendered(playbook, platform.name, device, values)
        full = self._read(device, platform, author, f"before {playbook.name}")
        before = self._referenced(normalised(full, platform), lines)
        after = predicted(before, lines, platform)
        back = way(after, before, platform)
        same = not way(before, after, platform)
        findings = [] if same else _findings(device, before, lines, back)
        shown = difference(redacted(_flat(before, platform), platform), redacted(_flat(after, platform), platform))
        return self._planned(device, platform, () if same else lines, back, shown, full), findings

    def _pushable(self, device: Device) -> Platform:
        platform = self.access.platform(device)
        if platform is None or not platform.pushable:
            raise UserError(f"{device.id}: nothing can be pushed to this platform, or no login is written for it")
        return platform

    def _read(self, device: Device, platform: Platform, author: str, why: str) -> str:
        """The full configuration as it is now, kept as a backup too."""
        with Session(self.access.login(device), platform) as session:
            full = session.running()
        self.vault.store(device.id, full, platform, author, why)
        return full

    def _planned(
        self, device: Device, platform: Platform, lines: tuple[str, ...], back: tuple[str, ...], shown: str, full: str
    ) -> DevicePlan:
        return DevicePlan(
            device=device.id,
            platform=platform.name,
            verified=platform.verified,
            unit=device.unit,
            site=device.site,
            group=self.groups.get(device.id),
            lines=lines,
            rollback=tuple(redacted(line, platform) for line in back) if lines else (),
            difference=shown if lines else "",
            snapshot=digest(redacted(normalised(full, platform), platform)),
        )

    def _referenced(self, running: str, lines: Sequence[str]) -> str:
        """The configuration with the words of our secrets by their references, so that an equal line is equal."""
        for match in {match[0] for line in lines for match in SECRET_REFERENCE.finditer(line)}:
            running = running.replace(self.resolve(match), match)
        return running

    def _services(self, devices: set[str]) -> tuple[str, ...]:
        return tuple(sorted(each.id for each in self.inventory.services.values() if devices & set(each.devices)))

    def _approvals(self, playbook: Playbook, broken_rules: bool) -> int:
        """By risk; one that breaks a rule on purpose needs the most."""
        least = APPROVALS["high" if broken_rules else playbook.risk]
        return max(least, playbook.approval.min or 0)


def _findings(device: Device, before: str, lines: Sequence[str], back: Sequence[str]) -> list[Finding]:
    """What the change or its undoing breaks."""
    return [*lint(lines, device.address, before, "change"), *lint(back, device.address, before, "rollback")]


def _flat(text: str, platform: Platform) -> str:
    """The text as the comparison writes it, so that only real differences are shown."""
    return predicted(text, (), platform)
