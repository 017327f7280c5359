"""Checks before and after a change, asked of the device."""

import re
from collections.abc import Callable, Sequence

from playbooks.documents import Check
from playbooks.platforms import Platform
from playbooks.sessions import Session
from playbooks.texts import normalised
from wardwatch.model.time import duration


def failing(checks: Sequence[Check], session: Session, platform: Platform, sleep: Callable[[float], None]) -> str:
    """Why the first check that fails does; empty when all hold. Raises `EngineFault` where the session breaks."""
    for check in checks:
        for attempt in range(check.retries + 1):
            why = _once(check, session, platform)
            if not why:
                break
            if attempt < check.retries:
                sleep(duration(check.every).total_seconds())
        else:
            return f"check '{check.id}': {why}"
    return ""


def _once(check: Check, session: Session, platform: Platform) -> str:
    if check.type == "running_equals_startup":
        startup = session.startup()
        same = startup is None or normalised(startup, platform) == normalised(session.running(), platform)
        return "" if same else "the running configuration is not the saved one"
    if check.type == "new_session" or platform.name not in check.command:
        # The session that checks are made from is new: there would be none had the login failed.
        return ""
    said = session.ask(check.command[platform.name])
    if check.forbid is not None and re.search(check.forbid, said):
        return f"'{check.command[platform.name]}' answers what it must not: {check.forbid}"
    found = re.search(check.expect, said) is not None
    return "" if found else f"'{check.command[platform.name]}' does not answer {check.expect}"
