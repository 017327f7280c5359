"""A fake device: what it remembers, whoever is logged in. The words of its vendor are in `dialects`. Pure but for the
timer, which the loop given to it runs."""

import asyncio
from dataclasses import dataclass, field

from playbooks.lab.configuration import Section, parsed
from playbooks.lab.faults import Faults


@dataclass(slots=True)
class FakeDevice:
    """One device. `minute_s` is how long its minutes are, so that a timer of one can be awaited in a test."""

    name: str
    platform: str
    running: Section
    startup: Section
    banner: str = ""
    minute_s: float = 60.0
    faults: Faults = field(default_factory=Faults)
    lines_taken: list[str] = field(default_factory=list)
    logins: int = 0
    entered: int = 0
    previous: Section | None = None
    timer: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, name: str, platform: str, text: str, minute_s: float = 60.0, banner: str = "") -> "FakeDevice":
        """A device that was started with this configuration."""
        return cls(name, platform, parsed(text), parsed(text), banner, minute_s)

    def arm(self, minutes: float, before: Section) -> None:
        """Comes back to what was, unless somebody confirms in time."""
        self.disarm()
        self.previous = before
        self.timer = asyncio.get_running_loop().call_later(minutes * self.minute_s, self.revert)

    def disarm(self) -> bool:
        """The change stays; says whether one was waiting."""
        waiting = self.timer is not None
        if self.timer is not None:
            self.timer.cancel()
        self.timer = None
        return waiting

    def revert(self) -> None:
        self.timer = None
        if self.previous is not None:
            self.running = self.previous.copy()
            self.faults.lost = False

    def take(self, line: str) -> None:
        """Notes a configuration line; loses the connection where that is the fault of the day."""
        self.lines_taken.append(line)
        if self.faults.lose_management_on and line.startswith(self.faults.lose_management_on):
            self.faults.lost = True
        if self.faults.lose_management_on and line.startswith(("no ", "undo ")):
            self.faults.lost = False
        if self.faults.drop_after is not None:
            self.faults.drop_after -= 1
            if self.faults.drop_after < 0:
                self.faults.drop_after = None
                raise ConnectionAbortedError
