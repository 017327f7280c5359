"""One device's change, from its snapshot to a saved configuration, or back. Every step is in the journal first.

Order: the state is what was planned on; lines under the device's own timer where it has one; a new login; checks; the
timer is confirmed from the new login; saved, and the answer read. Anything else is taken back: by the device's
candidate or timer first, else by commands computed from the snapshot, and what was found afterwards is compared.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from playbooks.checking import failing
from playbooks.difference import way
from playbooks.documents import Playbook
from playbooks.journal import FINAL, Journal, Standing, State
from playbooks.plans import DevicePlan
from playbooks.platforms import Platform
from playbooks.sessions import Locked, Login, SaveRefused, Session, SessionFault
from playbooks.texts import digest, normalised, redacted, secrets_in, without
from playbooks.vault import Vault
from wardwatch.errors import EngineFault
from wardwatch.secrets import SECRET_REFERENCE


@dataclass(frozen=True, slots=True)
class Target:
    """What a push needs to know of a device. `minute_s` is how long the device's minutes last."""

    plan: DevicePlan
    platform: Platform
    login: Login
    resolve: Callable[[str], str]
    minute_s: float = 60.0


class Push:
    """Changes one device. `sleep` waits."""

    def __init__(
        self,
        target: Target,
        playbook: Playbook,
        journal: Journal,
        vault: Vault,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target = target
        self._playbook = playbook
        self._journal = journal
        self._vault = vault
        self._sleep = sleep
        self._words: list[str] = []
        self._pushed = ""

    def run(self) -> Standing:
        """From the beginning. Never raises for what the device does."""
        plan = self._target.plan
        if not plan.lines:
            return self._note(State.UNCHANGED, "nothing to change")
        try:
            return self._first()
        except EngineFault as fault:
            return self._note(State.REFUSED, f"not begun: {fault}")

    def resume(self, standing: Standing, snapshot: str, pushed: str) -> Standing:
        """Goes on after a crash: looks at the device, and ends what was begun, or takes it back. Sends no line of the
        change again. `snapshot` is sealed, `pushed` the digest of what was read after the push, if that was reached."""
        if standing.state in FINAL:
            return standing
        before = self._vault.unseal(snapshot)
        try:
            with self._session() as session:
                now = session.running()
        except EngineFault as fault:
            return self._back(before, None, f"after a crash: {fault}")
        found = self._digest(now)
        # With every word compared: a change of secrets alone looks the same when they are hidden.
        if normalised(now, self._target.platform) == normalised(before, self._target.platform):
            return self._note(State.ROLLED_BACK, "after a crash the device has its configuration from before", found)
        if pushed and found == pushed:
            self._pushed = pushed
            return self._settle(before, None)
        return self._back(before, None, "after a crash the change was only partly there")

    def undo(self, snapshot: str, why: str) -> Standing:
        """Takes a change back that was saved."""
        return self._back(self._vault.unseal(snapshot), None, why, saved=True)

    def _first(self) -> Standing:
        with self._session() as session:
            before = session.running()
            if self._digest(before) != self._target.plan.snapshot:
                return self._note(State.REFUSED, "the device was changed after the plan was made: plan again")
            failed = failing(self._playbook.checks.pre, session, self._target.platform, self._sleep)
            if failed:
                return self._note(State.REFUSED, f"before the change: {failed}")
            self._journal.write("snapshot", self._target.plan.device, sealed=self._vault.seal(before))
            try:
                self._send(session)
            except Locked as fault:
                return self._note(State.REFUSED, f"nothing was sent: {fault}")
            except SessionFault as fault:
                return self._back(before, None, str(fault))
            except EngineFault as fault:
                return self._back(before, session, str(fault))
            return self._settle(before, session)

    def _send(self, session: Session) -> None:
        """The lines, each in the journal before it is sent."""
        target, platform = self._target, self._target.platform
        minutes = self._playbook.rollback.timer_minutes
        self._note(State.PUSHING)
        session.enter(minutes if platform.timed else None)
        for line in target.plan.lines:
            self._journal.write("sending", target.plan.device, line=line)
            session.line(self._worded(line))
        if platform.commit is not None:
            self._journal.write("sending", target.plan.device, line=platform.commit.timed.command)
            session.step(platform.commit.check)
            session.step(platform.commit.timed, minutes)
        if platform.commit is None or not platform.commit.bound:
            session.leave()
            self._pushed = self._digest(session.running())
        self._note(State.PUSHED, "", self._pushed)

    def _settle(self, before: str, old: Session | None) -> Standing:
        """Checks from a new login, confirms, saves."""
        try:
            with self._session() as session:
                failed = failing(self._playbook.checks.post, session, self._target.platform, self._sleep)
                if failed:
                    return self._back(before, session, f"after the change: {failed}")
                full = self._confirm(session, old)
                self._note(State.CONFIRMED, "", self._pushed)
                try:
                    if self._target.platform.save is not None:
                        session.step(self._target.platform.save)
                except EngineFault as fault:
                    return self._back(before, session, str(fault), saved=True)
        except SessionFault as fault:
            return self._back(before, old, f"no new login: {fault}")
        except EngineFault as fault:
            return self._back(before, old, str(fault))
        self._kept(full, f"after {self._playbook.name}")
        return self._note(State.SAVED, "", self._digest(full))

    def _confirm(self, session: Session, old: Session | None) -> str:
        """The timer is ended; the configuration as it is then."""
        platform = self._target.platform
        if platform.commit is not None and platform.commit.bound:
            if old is None:
                raise SaveRefused(f"{self._target.plan.device}: the session whose timer runs is gone")
            self._pushed = self._digest(session.running())
            old.step(platform.commit.now)
            old.leave()
        elif platform.commit is not None:
            session.enter()
            session.step(platform.commit.now)
            session.leave()
        elif platform.confirm is not None:
            said = session.ask(platform.confirm)
            # After a crash it may be confirmed already; then nothing is pending.
            if platform.error_pattern.search(said) and "pending" not in said:
                raise SaveRefused(f"{self._target.plan.device}: the change could not be confirmed: {said[:100]}")
        full = session.running()
        if self._digest(full) != self._pushed:
            raise SaveRefused(f"{self._target.plan.device}: the configuration is not what was pushed any more")
        return full

    def _back(self, before: str, session: Session | None, why: str, *, saved: bool = False) -> Standing:
        """Takes the change back over any session that still answers; else waits for the device's own timer."""
        self._words += secrets_in(before, self._target.platform)
        self._journal.write("rolling-back", self._target.plan.device, why=self._hidden(why))
        wanted = self._digest(before)
        deadline = time.monotonic() + self._patience()
        while True:
            found, fault = self._attempt_back(before, session, saved)
            if found == wanted:
                self._kept(before, f"taken back: {self._playbook.name}")
                return self._note(State.ROLLED_BACK, why, found)
            if time.monotonic() > deadline:
                return self._note(State.UNKNOWN, f"{why}; not taken back: {fault or 'it differs from before'}", found)
            session = None
            self._sleep(min(1.0, self._target.minute_s))

    def _patience(self) -> float:
        """How long a device may be out of reach: its timer and some more."""
        if not self._target.platform.timed:
            return 10.0
        return (self._playbook.rollback.timer_minutes + 1) * self._target.minute_s + 5.0

    def _attempt_back(self, before: str, session: Session | None, saved: bool) -> tuple[str, str]:
        """The digest of what is there after one attempt, and what went wrong."""
        try:
            if session is not None:
                return self._restore(session, before, saved), ""
        except EngineFault as fault:
            self._journal.write("rollback-failed", self._target.plan.device, why=self._hidden(str(fault)))
        try:
            with self._session() as fresh:
                return self._restore(fresh, before, saved), ""
        except EngineFault as fault:
            return "", self._hidden(str(fault))

    def _restore(self, session: Session, before: str, saved: bool) -> str:
        """The way back over one session. Raises `EngineFault`."""
        platform = self._target.platform
        session.recover()
        now, then = normalised(session.running(), platform), normalised(before, platform)
        lines = way(now, then, platform)
        if lines:
            session.enter()
            for line in lines:
                self._journal.write("undoing", self._target.plan.device, line=self._hidden(redacted(line, platform)))
                session.line(line)
            if platform.commit is not None:
                session.step(platform.commit.now)
            session.leave()
        # A timer of the device that still runs would only bring back what is there already.
        if saved and platform.save is not None:
            startup = session.startup()
            if startup is None or self._digest(startup) != self._digest(before):
                session.step(platform.save)
        return self._digest(session.running())

    def _session(self) -> Session:
        return Session(self._target.login, self._target.platform)

    def _worded(self, line: str) -> str:
        """The line with the words of its secrets, which are remembered to be hidden."""
        for match in SECRET_REFERENCE.finditer(line):
            word = self._target.resolve(match[0])
            self._words.append(word)
            line = line.replace(match[0], word)
        return line

    def _kept(self, full: str, why: str) -> None:
        self._vault.store(self._target.plan.device, full, self._target.platform, "wardwatch", why, commit=False)

    def _hidden(self, text: str) -> str:
        return without(text, self._words)

    def _digest(self, text: str) -> str:
        return digest(redacted(normalised(text, self._target.platform), self._target.platform))

    def _note(self, state: State, why: str = "", found: str = "") -> Standing:
        standing = Standing(state, self._hidden(why), found)
        self._journal.state(self._target.plan.device, state, standing.why, found)
        return standing
