"""What waits to be sent, a channel at a time: grouped, tried again, bounded.

The first notification of a channel goes at once; what comes within the grouping time after it goes together. A failed
batch is tried again after `RETRY_AFTER`, and given up after the last of them.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardwatch.errors import WardWatchError
from wardwatch.model.status import SEVERITY_ORDER
from wardwatch.notify.channels import Send
from wardwatch.notify.log import TERMINAL, Attempt, AttemptLog, Outcome
from wardwatch.notify.plan import Step
from wardwatch.notify.settings import Channel, NotifySettings
from wardwatch.notify.wording import message_of

MOST_WAITING = 1000
"""Of one channel: beyond that new ones are dropped, and each is counted and logged."""
RETRY_AFTER = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
_AT_ONCE = 4


@dataclass(slots=True)
class Waiting:
    """What waits for one channel, oldest first, and when it may be tried."""

    steps: dict[str, Step] = field(default_factory=dict)
    attempts: int = 0
    not_before: datetime | None = None


class Outbox:
    """Takes steps and sends them. Not thread-safe: the notifier calls it under its lock."""

    def __init__(self, log: AttemptLog, resolve: Callable[[str], str], send: Send) -> None:
        self._log = log
        self._resolve = resolve
        self._send = send
        self._waiting: dict[str, Waiting] = {}
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._channels: dict[str, tuple[str, ...]] = {}
        self.counts: dict[Outcome, int] = dict.fromkeys(Outcome, 0)

    def restore(self) -> None:
        """Remembers what the log knows."""
        for line in self._log.lines:
            self._remember(line)

    @property
    def waiting(self) -> int:
        return sum(len(each.steps) for each in self._waiting.values())

    def failing(self) -> list[str]:
        """Channels whose last attempt failed."""
        return sorted(name for name, each in self._waiting.items() if each.attempts)

    def offer(self, steps: Sequence[Step], now: datetime) -> None:
        """Takes steps that are due: one that is known keeps its channels, what is done is left out, and what is no
        longer due (somebody took the incident) no longer waits."""
        due = {step.key for step in steps}
        for each in self._waiting.values():
            each.steps = {key: step for key, step in each.steps.items() if key in due}
        fresh: list[Attempt] = []
        for step in steps:
            for name in self._channels.get(step.key, step.channels):
                if self._outcomes.get((step.key, name)) not in TERMINAL:
                    fresh += self._take(step, name, now)
            if not step.channels and step.key not in self._channels:
                reason = f"nobody is on call: {', '.join(step.nobody)}" if step.nobody else "no channel"
                fresh.append(_attempt(step, "", Outcome.DROPPED, now, reason=reason))
        self._note(fresh)

    def flush(self, settings: NotifySettings, now: datetime) -> int:
        """Sends what may be sent now, several channels at a time; returns how many messages were tried."""
        ready = []
        for name, each in self._waiting.items():
            if each.steps and (each.not_before is None or now >= each.not_before):
                # A drill never stands beside what is real: it goes in a message of its own, after it.
                real = [step for step in each.steps.values() if not step.incident.drill]
                ready.append((name, real or list(each.steps.values())))
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            outcomes = list(threads.map(lambda item: self._try(settings.channels.get(item[0]), item[1]), ready))
        for (name, steps), reason in zip(ready, outcomes, strict=True):
            self._settle(name, steps, reason, settings, now)
        return len(ready)

    def _take(self, step: Step, name: str, now: datetime) -> list[Attempt]:
        waiting = self._waiting.setdefault(name, Waiting())
        known = (step.key, name) in self._outcomes
        if step.key not in waiting.steps and len(waiting.steps) >= MOST_WAITING:
            return [_attempt(step, name, Outcome.DROPPED, now, reason=f"{MOST_WAITING} are waiting already")]
        waiting.steps[step.key] = step
        return [] if known else [_attempt(step, name, Outcome.QUEUED, now)]

    def _try(self, channel: Channel | None, steps: list[Step]) -> str | None:
        """None when it was taken, else why not."""
        if channel is None:
            return "the channel is no longer in notify.yaml"
        worst_first = sorted(steps, key=lambda step: SEVERITY_ORDER.index(step.incident.severity))
        try:
            return self._send(self._resolve(channel.url), message_of(worst_first, channel.language))
        except WardWatchError as error:
            return str(error)
        except Exception as error:
            # A library of many services: whatever one of them throws must not stop the others.
            return f"unexpected {type(error).__name__}"

    def _settle(
        self, name: str, steps: list[Step], reason: str | None, settings: NotifySettings, now: datetime
    ) -> None:
        waiting = self._waiting[name]
        waiting.attempts += 1
        number = waiting.attempts
        if reason is None:
            outcome, waiting.not_before = Outcome.SENT, now + settings.grouping
        elif number <= len(RETRY_AFTER):
            outcome, waiting.not_before = Outcome.RETRYING, now + RETRY_AFTER[number - 1]
        else:
            outcome, waiting.not_before = Outcome.FAILED, None
        self._note([_attempt(step, name, outcome, now, number, reason or "") for step in steps])
        if outcome in TERMINAL:
            waiting.attempts = 0
            for step in steps:
                waiting.steps.pop(step.key, None)

    def _note(self, attempts: list[Attempt]) -> None:
        self._log.add(attempts)
        for line in attempts:
            self.counts[line.outcome] += 1
            self._remember(line)

    def _remember(self, line: Attempt) -> None:
        if line.step:
            self._outcomes[line.step, line.channel] = line.outcome
            known = self._channels.get(line.step, ())
            if line.channel not in known:
                self._channels[line.step] = (*known, line.channel) if line.channel else known


def _attempt(step: Step, channel: str, outcome: Outcome, now: datetime, number: int = 0, reason: str = "") -> Attempt:
    incident = step.incident
    title = f"#{incident.number} {incident.title.en}"
    return Attempt(
        now, step.key, channel, outcome, title, number, reason, incident.id, step.route, incident.drill, incident.units
    )
