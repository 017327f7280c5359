"""Who agreed to a plan, and whether it may run now."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playbooks.documents import Window
from playbooks.plans import Plan
from wardwatch.errors import Forbidden, UserError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One person's word for one plan, named by its hash, so that it is worth nothing for any other."""

    plan: str
    person: str
    at: str


def agree(folder: Path, plan: Plan, person: str, now: datetime) -> Agreement:
    """Notes an approval. Raises `Forbidden` for the author and for one whose word is there already."""
    if person == plan.author:
        raise Forbidden(f"{person} made this plan and cannot approve it", "ask a colleague")
    if any(known.person == person for known in valid(folder, plan, now)):
        raise Forbidden(f"{person} has approved this plan already", "one person has one word")
    new = Agreement(plan.id, person, now.isoformat())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f"{plan.id}.approvals").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(new)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return new


def valid(folder: Path, plan: Plan, now: datetime) -> list[Agreement]:
    """The approvals that count now: of this very plan, by others than its author, not older than it allows."""
    path = folder / f"{plan.id}.approvals"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    known = (Agreement(**json.loads(line)) for line in lines)
    limit = now - plan.document.approval.valid
    good = (each for each in known if each.plan == plan.id and each.person != plan.author)
    return list({each.person: each for each in good if datetime.fromisoformat(each.at) > limit}.values())


def admit(plan: Plan, agreements: Iterable[Agreement], now: datetime, break_glass: str | None) -> None:
    """Raises `Forbidden` unless the plan may run now. Breaking the glass (with a reason) is for one device."""
    touched = [device for device in plan.devices if device.lines]
    if break_glass is not None:
        if not break_glass.strip() or len(touched) > 1:
            raise UserError("--break-glass is for one device, and wants a reason", "plan for that device alone")
        return
    people = {each.person for each in agreements}
    if len(people) < plan.approvals:
        raise Forbidden(f"the plan has {len(people)} of {plan.approvals} approvals", "wardwatch playbook approve PLAN")
    if not opened(plan.document.window, now):
        raise Forbidden("the plan may not run at this hour or on this day", "see its window")
    if now - plan.made > plan.document.approval.valid:
        raise Forbidden("the plan is too old", "plan again")


def opened(window: Window, now: datetime) -> bool:
    """Whether a window is open; one that crosses midnight belongs to the day it began on."""
    local = now.astimezone(ZONE)
    if local.date().isoformat() in window.freeze:
        return False
    return not window.allow or any(_within(each, local) for each in window.allow)


def _within(allowed: str, local: datetime) -> bool:
    day, span = allowed.split()
    begin, end = (time.fromisoformat(part) for part in span.split("-"))
    started = local.date()
    if end <= begin and local.time() < end:
        started -= timedelta(days=1)
    if day not in ("daily", _DAYS[started.weekday()]):
        return False
    return begin <= local.time() < end if begin < end else local.time() >= begin or local.time() < end
