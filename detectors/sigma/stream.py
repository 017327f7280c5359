"""Sigma in the stream: rules and windows over what detection is shown, and reloaded while it runs.

The rules of the product come from `RULES`, those of an installation from a folder of its own: a rule of that with the
id of one of ours takes its place, a Sigma filter there narrows ours. Thread-safe.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.sigma.alerts import alert_of, group_of_fired
from detectors.sigma.documents import rule_files
from detectors.sigma.engine import Engine, Match
from detectors.sigma.ruleset import Ruleset, engine_of, load_rules
from detectors.sigma.sources import Sources
from detectors.sigma.windows import Correlator, Fired
from wardwatch.ecs import decoded
from wardwatch.errors import UserError
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.records import AppendResult, Batch, Event
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

RULES = Path(__file__).with_name("rules")
LOOKED_EVERY = timedelta(seconds=10)
_NAMED = 3

Past = Callable[[datetime, datetime, Sequence[str]], Iterable[tuple[str, Event]]]
"""Events of some datasets of a span of time, oldest first, each with its namespace: what windows are rebuilt from."""


@dataclass(frozen=True, slots=True)
class SigmaSettings:
    """`folder` is the installation's own; it need not be there. `past` bounds what is read again after a start."""

    folder: Path
    rules: Path = RULES
    past: timedelta = timedelta(hours=1)
    grouping: GroupingSettings = field(default_factory=GroupingSettings)


@dataclass(slots=True)
class RuleHits:
    """What a rule has hit since the start."""

    hits: int = 0
    last_at: datetime | None = None


class SigmaRules:
    """All active rules, read when they are first needed or `load` is called."""

    def __init__(self, settings: SigmaSettings, clock: Clock, past: Past | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._past = past
        self._turn = threading.RLock()
        self._loaded: tuple[tuple[str, int, int], ...] | None = None
        self._ruleset = Ruleset()
        self._engine = Engine(())
        self._correlator = Correlator(())
        self._told: dict[tuple[str, str], tuple[int, list[AlertGroup]]] = {}
        self._rebuilt = False
        self._since = clock()
        self._failed = ""
        self.hits: dict[str, RuleHits] = {}

    @property
    def ruleset(self) -> Ruleset:
        return self._ruleset

    def load(self) -> None:
        """Reads the rules if a file of them has changed. What is wrong with some is logged, and the rest is active."""
        try:
            signature = self._signature()
            if signature == self._loaded:
                return
            found = load_rules(self._folders(), Sources())
            engine, correlator = engine_of(found), Correlator(found.correlations)
        except (UserError, OSError) as error:
            # What is in force stays so.
            self._failed = str(error)
            log.error("sigma rules cannot be read reason=%s", error)
            return
        with self._turn:
            correlator.take_over(self._correlator)
            self._ruleset, self._engine, self._correlator = found, engine, correlator
            self._loaded, self._failed, self._since = signature, "", self._clock()
        for problem in found.problems:
            log.warning("sigma rule %s", problem)
        log.info("sigma rules read=%d active=%d problems=%d", found.parsed, found.routed, len(found.problems))

    def judge(self, batch: Batch, result: AppendResult) -> list[AlertGroup]:
        """The alert groups that the new events of a batch bring about, in order of first sight.

        A window tells each thing once, and a batch may come again before what it brought about was stored: the answer
        to the last batch of each edge is kept."""
        with self._turn:
            told = self._told.get((batch.edge, batch.epoch))
            if told is None or told[0] != batch.sequence:
                new = set(result.new_events)
                events = [event for event in batch.events if event.position in new]
                told = self._told[batch.edge, batch.epoch] = batch.sequence, self._judged(events, batch.namespace)
            return told[1]

    def _judged(self, events: Sequence[Event], namespace: str) -> list[AlertGroup]:
        self._rebuild()
        engine = self._engine
        alerts: list[Event] = []
        correlated: list[AlertGroup] = []
        for event in events:
            match = _match(engine, event)
            if match is not None:
                self._take(match, event, namespace, alerts, correlated)
        groups = group_alerts(alerts, namespace, self._settings.grouping) if alerts else []
        return [*groups, *correlated]

    def health(self) -> list[PartHealth]:
        """How the rules are, for the board."""
        found, correlator = self._ruleset, self._correlator
        figures = {
            "sigma_rules": found.routed,
            "sigma_problems": len(found.problems),
            "sigma_hits": sum(counted.hits for counted in self.hits.values()),
            "sigma_window_hits": correlator.held,
            **{f"sigma_dropped_{reason}": count for reason, count in correlator.drops.items()},
        }
        state = PartState.FAILED if self._failed else PartState.RUNNING
        told = {name: float(value) for name, value in figures.items()}
        every_s = LOOKED_EVERY.total_seconds()
        return [PartHealth("core", "sigma", self._clock(), state, self._since, 0, self._words(), told, every_s)]

    def _take(
        self, match: Match, event: Event, namespace: str, alerts: list[Event], correlated: list[AlertGroup]
    ) -> None:
        for rule in match.rules:
            if not rule.silent:
                self._count(rule.about.id, event)
                alerts.append(alert_of(event, match.reading.document, rule.about))
            for fired in self._correlator.see(namespace, rule.about.id, event.at, event.position, match.reading):
                self._count(fired.correlation.about.id, event, fired.first)
                correlated.append(self._group(fired, event, match, namespace))

    def _group(self, fired: Fired, event: Event, match: Match, namespace: str) -> AlertGroup:
        return group_of_fired(fired, event, match.reading.document, namespace, self._settings.grouping)

    def _count(self, rule: str, event: Event, hits: int = 1) -> None:
        counted = self.hits.setdefault(rule, RuleHits())
        counted.hits += hits
        counted.last_at = event.at if counted.last_at is None else max(counted.last_at, event.at)

    def _rebuild(self) -> None:
        """Once, before the first events: the rules, and the windows as they were."""
        if self._rebuilt:
            return
        self._rebuilt = True
        if self._loaded is None:
            self.load()
        correlator, now = self._correlator, self._clock()
        if self._past is None or not correlator.rules:
            return
        span = min(correlator.longest, self._settings.past)
        datasets = sorted({name for each in self._ruleset.correlations for name in each.datasets})
        counted = 0
        for namespace, event in self._past(now - span, now, datasets):
            match = _match(self._engine, event)
            for rule in match.rules if match is not None else ():
                if match is not None and rule.about.id in correlator.rules:
                    correlator.replay(namespace, rule.about.id, event.at, event.position, match.reading)
                    counted += 1
        log.info("sigma windows rebuilt hits=%d held=%d", counted, correlator.held)

    def sweep(self) -> None:
        """Forgets windows that are over; called now and then."""
        with self._turn:
            self._correlator.sweep(self._clock())

    def _folders(self) -> list[Path]:
        own = self._settings.folder
        return [own, self._settings.rules] if own.is_dir() else [self._settings.rules]

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        files = [file for folder in self._folders() for file in rule_files(folder)]
        stats = ((str(file), file.stat()) for file in files)
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)

    def _words(self) -> Words:
        if self._failed:
            return Words(f"Không đọc được luật Sigma: {self._failed}", f"Sigma rules cannot be read: {self._failed}")
        problems = self._ruleset.problems
        if not problems:
            return NO_WORDS
        named = "; ".join(str(problem) for problem in problems[:_NAMED])
        return Words(
            f"{len(problems)} luật Sigma có lỗi: {named}", f"{len(problems)} Sigma rules have problems: {named}"
        )


def _match(engine: Engine, event: Event) -> Match | None:
    if not engine.cares(event.dataset):
        return None
    return engine.hits(event.dataset, event.document, event.original, lambda: decoded(event))
