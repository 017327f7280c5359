"""The matrix of faults on real software: FRRouting behind OpenSSH, and ripd's candidate with its timer."""

import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from playbooks.difference import difference
from playbooks.journal import FINAL, Journal, State, entries
from playbooks.lab.frr import FrrLab, RipLab, missing
from playbooks.lab.installation import TEXTS, Installation
from playbooks.lab.server import PASSWORD, USER
from playbooks.plans import Plan
from playbooks.platforms import Platform, platform_named
from playbooks.sessions import Login, Session, SessionFault
from playbooks.texts import normalised

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"no FRRouting: {missing()}")

MOMENTS = ("snapshot", "pushing", "sending", "pushed", "confirmed", "saved")
TABLE: list[str] = []
Routers = dict[str, FrrLab | RipLab]
Eyes = dict[str, tuple[Session, Platform]]


@pytest.fixture(scope="module")
def routers() -> Iterator[Routers]:
    with FrrLab(TEXTS["frr"]) as frr, RipLab("rip1") as rip:
        yield {"frr": frr, "frr_tcli": rip}
    logging.getLogger(__name__).info("the matrix:\n%s", "\n".join(sorted(TABLE)))


def installed(folder: Path, routers: Routers, platform: str) -> Installation:
    made = Installation(folder, {"r1": (platform, routers[platform].port)}, minute_s=60.0)
    frr = routers["frr"]
    assert isinstance(frr, FrrLab)
    made.trust(frr.host_key)
    return made


@pytest.fixture(scope="module")
def eyes(routers: Routers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eyes]:
    """A session beside those of the runs, so that a look costs no login."""
    with ExitStack() as stack:
        found = {}
        for platform in routers:
            known = platform_named(platform)
            made = installed(tmp_path_factory.mktemp(platform), routers, platform)
            session = Session(made.access.login(made.inventory.devices["r1"]), known)
            found[platform] = (stack.enter_context(session), known)
        yield found


def texts(eyes: Eyes, platform: str) -> tuple[str, str]:
    """What runs and what it would start with, normalised."""
    session, known = eyes[platform]
    try:
        session.ask(known.snapshot)
    except SessionFault:
        # A dropped line takes this one along.
        session.close()
        session.open()
    return normalised(session.running(), known), normalised(session.startup() or "", known)


def judged(
    eyes: Eyes, installation: Installation, platform: str, plan: Plan, state: State, before: tuple[str, str]
) -> None:
    """Fully new, or equal to the snapshot; a new one is then taken back, for the next cell."""
    now = texts(eyes, platform)
    if state is not State.SAVED:
        assert now == before, difference(before[0], now[0])
        return
    assert now[0] != before[0]
    installation.runner.roll_back(plan, "an", "the next cell")
    assert texts(eyes, platform)[0] == before[0]


@pytest.mark.parametrize("moment", MOMENTS)
def test_fault_matrix_killed_on_frr(tmp_path: Path, routers: Routers, eyes: Eyes, moment: str) -> None:
    for platform in routers:
        (tmp_path / platform).mkdir()
    with ThreadPoolExecutor(len(routers)) as pool:
        list(pool.map(lambda platform: killed(tmp_path / platform, routers, eyes, platform, moment), routers))


def killed(tmp_path: Path, routers: Routers, eyes: Eyes, platform: str, moment: str) -> None:
    installation = installed(tmp_path, routers, platform)
    plan = installation.plan()
    before = texts(eyes, platform)
    words = [str(tmp_path), plan.id, platform, str(routers[platform].port), "r1", moment]
    died = subprocess.run([sys.executable, "-m", "playbooks.lab.installation", *words], timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    standing = installation.runner.run(plan, "an")["r1"]
    TABLE.append(f"{platform:<9} kill -9 at {moment:<16} {standing.state.value:<12} {standing.why[:60]}")
    assert standing.state in FINAL - {State.UNKNOWN}
    sent = [each["line"] for each in entries(installation.runner.journal_of(plan.id)) if each["event"] == "sending"]
    assert len(sent) == len(set(sent)), "a line was sent twice"
    judged(eyes, installation, platform, plan, standing.state, before)


def at(monkeypatch: pytest.MonkeyPatch, moment: str, act: Callable[[], None]) -> None:
    """Does something once, when the journal has this event or state."""
    write, waiting = Journal.write, [act]

    def written(self: Journal, event: str, device: str = "", **detail: object) -> None:
        write(self, event, device, **detail)
        if moment in (event, detail.get("state")) and waiting:
            waiting.pop()()

    monkeypatch.setattr(Journal, "write", written)


@pytest.mark.parametrize("fault", ["drop-first", "drop-pushed", "bad-line", "refused-save", "lost-management"])
def test_fault_matrix_of_frr(
    tmp_path: Path, routers: Routers, eyes: Eyes, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    frr = routers["frr"]
    assert isinstance(frr, FrrLab)
    installation = installed(tmp_path, routers, "frr")
    lines = "ip route 10.9.2.0/24 blackhole\n"
    plan = installation.plan(
        "", {"frr": lines + ("bogus line" if fault == "bad-line" else "ip route 10.9.3.0/24 blackhole")}
    )
    before = texts(eyes, "frr")
    saved = frr.startup
    match fault:
        case "drop-first":
            at(monkeypatch, "sending", frr.drop)
        case "drop-pushed":
            at(monkeypatch, "pushed", frr.drop)
        case "refused-save":
            at(monkeypatch, "confirmed", lambda: frr.refuse_save(True))
            at(monkeypatch, "rolling-back", lambda: frr.refuse_save(False))
        case "lost-management":
            at(monkeypatch, "pushed", frr.stop_logins)
            at(monkeypatch, "rolling-back", frr.start_logins)
    standing = installation.runner.run(plan, "an")["r1"]
    TABLE.append(f"frr       {fault:<27} {standing.state.value:<12} {standing.why[:60]}")
    assert standing.state is (State.SAVED if fault == "drop-pushed" else State.ROLLED_BACK), standing
    if standing.state is not State.SAVED and fault != "refused-save":
        assert frr.startup == saved
    judged(eyes, installation, "frr", plan, standing.state, before)


@pytest.mark.parametrize("fault", ["drop-first", "drop-pushed", "bad-line", "refused-save", "locked"])
def test_fault_matrix_of_ripd(
    tmp_path: Path, routers: Routers, eyes: Eyes, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    rip = routers["frr_tcli"]
    assert isinstance(rip, RipLab)
    installation = installed(tmp_path, routers, "frr_tcli")
    plan = installation.plan(
        "", {"frr_tcli": "router rip\n version 2\n" + (" bogus 3" if fault == "bad-line" else " default-metric 3")}
    )
    before = texts(eyes, "frr_tcli")
    login = Login("r1", "127.0.0.1", USER, PASSWORD, tmp_path / "none", rip.port, PASSWORD, telnet=True)
    with Session(login, platform_named("frr_tcli")) as other:
        if fault == "locked":
            other.enter()
        if fault.startswith("drop"):
            at(monkeypatch, "sending" if fault == "drop-first" else "pushed", lambda: drop(rip.port))
        if fault == "refused-save":
            at(monkeypatch, "confirmed", lambda: rip.refuse_save(True))
            at(monkeypatch, "rolling-back", lambda: rip.refuse_save(False))
        standing = installation.runner.run(plan, "an")["r1"]
    TABLE.append(f"frr_tcli  {fault:<27} {standing.state.value:<12} {standing.why[:60]}")
    assert standing.state is (State.REFUSED if fault == "locked" else State.ROLLED_BACK), standing
    judged(eyes, installation, "frr_tcli", plan, standing.state, before)


def drop(port: int) -> None:
    """Breaks every line to the port, as a cut cable that is noticed at once."""
    subprocess.run(["ss", "-K", "dst", "127.0.0.1", "dport", "=", str(port)], check=True, capture_output=True)
