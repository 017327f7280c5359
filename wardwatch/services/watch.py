"""Looks at what is kept: jobs that are late and certificates that end soon become alerts, and are cleared again."""

import json
import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault
from wardwatch.model.access import Scope
from wardwatch.model.care import Heartbeat, HeldCertificate
from wardwatch.model.records import AppendResult, Batch, Event, Position, SourceProgress
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.model.time import Clock
from wardwatch.ports import StateStore

log = logging.getLogger(__name__)

EDGE = "care"
DATASET = "wardwatch.care"
_DAY_S = 86_400


class CareWatch:
    """`look` is called every minute, by one thread at a time. What is told is told once, and again after a restart;
    that a job is well is told after one too, since it may have recovered meanwhile."""

    def __init__(self, state: StateStore, accept: Callable[[Batch], AppendResult], clock: Clock) -> None:
        self._state = state
        self._accept = accept
        self._clock = clock
        self._epoch = str(uuid.uuid4())
        self._sequence = 0
        self._offset = 0
        self._told: dict[str, bool] = {}

    def look(self) -> None:
        """What the stores cannot take now is told the next time."""
        now, everything = self._clock(), Scope.everything()
        try:
            wanted = [_of_job(job, now) for job in self._state.heartbeats.jobs(everything)]
            wanted += [_of_certificate(each, now) for each in self._state.care.certificates(everything)]
            news = [each for each in wanted if each[1] != self._told.get(each[0], _assumed(each[0]))]
            if news:
                self._tell(news, now)
        except StoreFault as fault:
            log.error("care waits for the stores reason=%s", fault)

    def _tell(self, news: list[tuple[str, bool, dict[str, Any]]], now: datetime) -> None:
        events = []
        for number, (rule, alert, document) in enumerate(news):
            events.append(_event(Position(self._epoch, self._offset + number), now, rule, alert, document))
        progress = (SourceProgress(self._epoch, self._offset + len(events), EDGE, ""),)
        batch = Batch(
            EDGE,
            self._epoch,
            self._sequence + 1,
            events=tuple(events),
            progress=progress,
            read={self._epoch: len(events)},
        )
        self._accept(batch)
        self._sequence += 1
        self._offset += len(events)
        self._told.update({rule: alert for rule, alert, _ in news})


def _assumed(rule: str) -> bool | None:
    """Before anything was told: certificates are many, and hardly any ends soon."""
    return False if rule.startswith("certificate.") else None


def _of_job(job: Heartbeat, now: datetime) -> tuple[str, bool, dict[str, Any]]:
    if job.last_ok:
        words = Words(f"{job.name}: quá hạn báo cáo", f"{job.name}: no report in time")
    else:
        words = Words(f"{job.name}: thất bại {job.detail}", f"{job.name}: failed {job.detail}")
    place = {"unit": job.unit, **({"service": job.service} if job.service else {})}
    about = {"name": f"Sao lưu trễ: {job.name}", "words": words, "severity": Severity.HIGH, "place": place}
    return f"heartbeat.late.{job.id}", job.late(now), about


def _of_certificate(each: HeldCertificate, now: datetime) -> tuple[str, bool, dict[str, Any]]:
    days = (each.valid_to - now).total_seconds() / _DAY_S
    words = Words(f"{each.holder}: chứng thư số còn {days:.0f} ngày", f"{each.holder}: {days:.0f} days left")
    severity = Severity.MEDIUM if days < 0 else Severity.LOW
    name = f"Chứng thư số sắp hết hạn: {each.holder}"
    about = {"name": name, "words": words, "severity": severity, "place": {"unit": each.unit}}
    return f"certificate.ends.{each.id}", days < each.warn_days, about


def _event(position: Position, at: datetime, rule: str, alert: bool, about: dict[str, Any]) -> Event:
    words: Words = about["words"]
    action = rule.rpartition(".")[0].replace(".", "-")
    document: dict[str, Any] = {
        "event": {
            "kind": "alert" if alert else "event",
            "category": ["configuration"],
            "type": ["info"],
            "module": "wardwatch",
            "dataset": DATASET,
            "action": action if alert else f"{action}-over",
        },
        "@timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "ecs": {"version": "8.17.0"},
        "message": f"{words.vi} / {words.en}",
        "rule": {"id": rule, "name": about["name"], "category": "care"},
        "wardwatch": {"severity": about["severity"].value, "destination": about["place"]},
    }
    original = json.dumps({"rule": rule, "alert": alert, "vi": words.vi, "en": words.en}, ensure_ascii=False)
    return event_of(position, at, (about["place"]["unit"],), document, original)
