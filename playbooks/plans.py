"""A plan: what a playbook will do, device by device, frozen under one hash that people approve."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playbooks.documents import Playbook
from wardwatch.errors import NotFound, UserError


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """One device: the lines (secrets as references), the redacted difference they are expected to make, the state they
    were planned on. No lines: nothing to do, and it is not logged in to again."""

    device: str
    platform: str
    verified: str
    unit: str
    site: str
    group: str | None
    lines: tuple[str, ...]
    rollback: tuple[str, ...]
    difference: str
    snapshot: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`id` is the hash of everything else; `playbook` is the document as it was read."""

    author: str
    made_at: str
    playbook: dict[str, Any]
    values: dict[str, Any]
    devices: tuple[DevicePlan, ...]
    findings: tuple[str, ...]
    units: tuple[str, ...]
    services: tuple[str, ...]
    approvals: int

    @property
    def id(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @property
    def document(self) -> Playbook:
        return Playbook.model_validate(self.playbook)

    @property
    def made(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    def canonical(self) -> str:
        """The text that is hashed: the same for the same plan."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def keep(plan: Plan, folder: Path) -> Path:
    """Writes a plan under its own hash."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{plan.id}.json"
    path.write_text(plan.canonical(), "utf-8")
    return path


def read_plan(folder: Path, name: str) -> Plan:
    """A plan by its hash or the beginning of it. Raises `UserError` where its content is not what the hash says."""
    found = sorted(folder.glob(f"{name}*.json")) if name.isalnum() and len(name) >= 6 else []
    if len(found) != 1:
        raise NotFound(f"there is no one plan '{name}'", "give at least six letters of the hash that planning printed")
    try:
        raw = json.loads(found[0].read_text("utf-8"))
        devices = tuple(
            DevicePlan(**{**each, "lines": tuple(each["lines"]), "rollback": tuple(each["rollback"])})
            for each in raw.pop("devices")
        )
        raw.update({name: tuple(raw[name]) for name in ("findings", "units", "services")})
        plan = Plan(**raw, devices=devices)
    except (ValueError, TypeError, KeyError):
        raise UserError(f"the plan {name} cannot be read: it was changed after it was made", "plan again") from None
    if plan.id != found[0].stem:
        raise UserError(f"the plan {name} was changed after it was made: its approvals are void", "plan again")
    return plan
