"""An installation that was stopped goes on where it was."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.state import open_state

Eventually = Callable[..., Any]
LogIn = Callable[..., httpx.Client]
Restart = Callable[[Callable[[], None]], float]
# Ten seconds are promised on an idle machine; a test may share its two cores.
SERVES_S = 20.0


def test_it_goes_on(data: Path, log_in: LogIn, restart: Restart, password: str, eventually: Eventually) -> None:
    seen = []

    def stopped() -> None:
        state = open_state(DataFolder(data).state_url, utc_now)
        try:
            assert state.audit.verify() is None, "the audit chain is broken"
            seen.append(state.inventory.version())
        finally:
            state.close()

    before = log_in()
    eventually(lambda: before.get("/api/v1/events").json()["items"], "events arrive")
    events = before.get("/api/v1/events/counts", params={"by": "event.module"}).json()["total"]
    began = utc_now().isoformat()
    served_s = restart(stopped)
    after = log_in(password=password)
    eventually(lambda: not after.get("/api/v1/wall").json()["freshness"]["stale"], "polling goes on")
    assert after.get("/api/v1/events/counts", params={"by": "event.module"}).json()["total"] >= events
    audit = after.get("/api/v1/audit", params={"from": began, "limit": 500}).json()["items"]
    assert not [entry for entry in audit if entry["action"].startswith(("inventory", "administrator"))]
    state = open_state(DataFolder(data).state_url, utc_now)
    try:
        assert state.inventory.version() == seen[0]
    finally:
        state.close()
    sys.stdout.write(f"the second start answered after {served_s:.1f} s\n")
    assert served_s < SERVES_S
