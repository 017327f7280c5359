"""How one supervised process has been: a pure account of what its supervisor saw, and the words for it."""

import signal
from datetime import datetime, timedelta

from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words

REPORTER = "supervisor"
LOOP_AFTER = 3
"""So many short lives in a row are a crash loop: starting again does not help, somebody has to look."""
STEADY = timedelta(seconds=60)
"""A process that ran as long has no quarrel with its start."""


class ChildHealth:
    """One process, told what happens to it in order. One that is not ready yet counts as being started."""

    def __init__(self, name: str, now: datetime) -> None:
        self._name = name
        self._state = PartState.RESTARTING
        self._since = now
        self._started_at = now
        self._ended_at: datetime | None = None
        self._away = timedelta()
        self._cause = NO_WORDS
        self.restarts = 0
        self.short_lives = 0

    def started(self, now: datetime) -> None:
        """The process runs, but does not do its work yet."""
        self._started_at = now

    def ready(self, now: datetime) -> None:
        """The process does its work."""
        if self._state is PartState.RUNNING:
            return
        if self._ended_at is not None:
            self._away = now - self._ended_at
        if self._state is PartState.RESTARTING:
            self._change(PartState.RUNNING, now)

    def ended(self, now: datetime, code: int, last_words: str) -> None:
        """The process is gone though nobody wanted it to be; it will be started again."""
        self.restarts += 1
        self.short_lives = 1 if now - self._started_at > STEADY else self.short_lives + 1
        self._ended_at, self._cause = now, _cause(code, last_words)
        self._change(PartState.FAILED if self.short_lives >= LOOP_AFTER else PartState.RESTARTING, now)

    def stopped(self, now: datetime) -> None:
        """The process was stopped in order."""
        self._change(PartState.STOPPED, now)

    def health(self, now: datetime, runs: bool, figures: dict[str, float]) -> PartHealth:
        """How it is now. `runs` says whether its process lives; one in a crash loop has recovered once it has lived
        long enough."""
        if self._state is PartState.FAILED and runs and now - self._started_at > STEADY:
            self.short_lives = 0
            self._state, self._since = PartState.RUNNING, self._started_at
        return PartHealth(
            REPORTER, self._name, now, self._state, self._since, self.restarts, self._detail(), dict(figures)
        )

    def _detail(self) -> Words:
        if self._state is PartState.FAILED:
            times = self.short_lives
            return Words(
                f"dừng {times} lần liên tiếp ngay sau khi khởi động; {self._cause.vi}",
                f"ended {times} times in a row soon after its start; {self._cause.en}",
            )
        if self._state is PartState.RUNNING and self._ended_at is not None:
            seconds = f"{self._away.total_seconds():.0f}"
            return Words(
                f"đã vắng mặt {seconds} giây; {self._cause.vi}",
                f"was away for {seconds} s; {self._cause.en}",
            )
        return self._cause

    def _change(self, state: PartState, now: datetime) -> None:
        if state is not self._state:
            self._state, self._since = state, now


def _cause(code: int, last_words: str) -> Words:
    # Who is killed says nothing of why: its last line would only mislead.
    words = f": {last_words}" if last_words and -code not in (signal.SIGKILL, signal.SIGTERM) else ""
    if code < 0:
        name = _signal_name(-code)
        return Words(f"bị dừng bởi tín hiệu {name}{words}", f"ended by signal {name}{words}")
    return Words(f"kết thúc với mã {code}{words}", f"ended with code {code}{words}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
