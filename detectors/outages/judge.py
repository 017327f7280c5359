"""The judgement of devices: pure functions from what was known and what a poll said to what is known now.

Causes are sentences for people, in both languages, as pages show them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.records import Outcome, PollOutcome
from wardwatch.model.status import Status
from wardwatch.model.text import NO_WORDS, Words


@dataclass(frozen=True, slots=True)
class OutageSettings:
    """`failures` consecutive unanswered polls make a device down; `silent_intervals` polling intervals without any
    check leave no data. `longest_poll` is how long a poll may take: a silent device's next check comes that much later.
    """

    failures: int = 2
    interval: timedelta = timedelta(seconds=60)
    silent_intervals: int = 3
    longest_poll: timedelta = timedelta(seconds=30)

    @property
    def silence(self) -> timedelta:
        return max(self.interval * self.silent_intervals, self.interval + self.longest_poll)


_UNANSWERED: dict[Outcome, Words] = {
    Outcome.TIMEOUT: Words("Không trả lời SNMP", "No answer to SNMP"),
    Outcome.REFUSED: Words("Từ chối kết nối SNMP", "SNMP connection refused"),
}

_TROUBLED: dict[Outcome, Words] = {
    Outcome.PARTIAL: Words("Chỉ trả lời một phần", "Answers in part only"),
    Outcome.AUTHENTICATION: Words("Xác thực SNMP thất bại", "SNMP authentication failed"),
    Outcome.LOOP: Words("Bảng SNMP lặp vô tận", "An SNMP table never ends"),
    Outcome.TOO_LARGE: Words("Bảng SNMP quá lớn", "An SNMP table is too large"),
    Outcome.MALFORMED: Words("Gói trả lời SNMP sai định dạng", "Malformed SNMP reply"),
    Outcome.UNSUPPORTED: Words("Thiết bị không hỗ trợ bảng cần đọc", "The device lacks the tables that are read"),
}

_NEVER_CHECKED = Words("Chưa được kiểm tra", "Not checked yet")
_UNCHECKED = Words("Không được kiểm tra", "Not checked")
_PORTS_DOWN = Words("Cổng ngừng hoạt động", "Ports down")

# An OID, with its name where it has one; an IPv4 address has fewer parts.
_OID = re.compile(r"\b\d+(?:\.\d+){4,}(?: \([\w.-]+\))?")

DownPorts = Mapping[str, str]
"""Ports of links that are down while they should be up: port name to the far device's name."""


def judge_poll(
    before: DeviceStatus | None, poll: PollOutcome, down_ports: DownPorts, settings: OutageSettings
) -> DeviceStatus:
    """The status after a poll. An overlapped round checked nothing; a poll older than what is known changes nothing."""
    if before is not None and (poll.outcome is Outcome.OVERLAPPED or poll.at < before.checked_at):
        return before
    if poll.outcome is Outcome.OVERLAPPED:
        return DeviceStatus(poll.device, poll.unit, Status.NO_DATA, poll.at, poll.at, _NEVER_CHECKED)
    if poll.outcome in _UNANSWERED:
        return _unanswered(before, poll, settings)
    if poll.outcome in _TROUBLED:
        return _changed(before, poll, Status.DEGRADED, _trouble(poll))
    if down_ports:
        return _changed(before, poll, Status.DEGRADED, _ports_down(down_ports))
    return _changed(before, poll, Status.OK, NO_WORDS)


def judge_ports(status: DeviceStatus, down_ports: DownPorts, at: datetime) -> DeviceStatus:
    """The status of an answering device after its ports were read; other statuses stay."""
    poll = PollOutcome(status.device, status.unit, max(at, status.checked_at), Outcome.OK, 0.0)
    cut = status.status is Status.DEGRADED and status.cause.vi.startswith(_PORTS_DOWN.vi)
    if status.status is Status.OK or cut:
        return judge_poll(status, poll, down_ports, OutageSettings())
    return status


def judge_behind(status: DeviceStatus, blocker: str | None, blocker_name: str) -> DeviceStatus:
    """A device that does not answer is behind, not down, while another one cuts it off; down again when none does."""
    if blocker is not None and status.status in (Status.DOWN, Status.BEHIND):
        cause = Words(f"Mất kết nối do {blocker_name} ngừng hoạt động", f"Cut off because {blocker_name} is down")
        return replace(status, status=Status.BEHIND, behind=blocker, cause=cause)
    if blocker is None and status.status is Status.BEHIND:
        return replace(status, status=Status.DOWN, behind=None, cause=_UNANSWERED[Outcome.TIMEOUT])
    return status


def judge_silence(status: DeviceStatus, now: datetime, settings: OutageSettings) -> DeviceStatus:
    """A device that nobody checked for several intervals has no data: it is not known to be well."""
    if status.status is Status.NO_DATA or now - status.checked_at <= settings.silence:
        return status
    # failures start anew: what was seen before the silence proves nothing about now.
    return replace(status, status=Status.NO_DATA, since=status.checked_at, cause=_UNCHECKED, behind=None, failures=0)


def _unanswered(before: DeviceStatus | None, poll: PollOutcome, settings: OutageSettings) -> DeviceStatus:
    failures = (before.failures if before else 0) + 1
    if failures < settings.failures:
        if before is None:
            cause = _UNANSWERED[poll.outcome]
            return DeviceStatus(poll.device, poll.unit, Status.NO_DATA, poll.at, poll.at, cause, failures=failures)
        return replace(before, checked_at=poll.at, failures=failures)
    silence = _UNANSWERED[poll.outcome]
    cause = Words(f"{silence.vi} {failures} lần liên tiếp", f"{silence.en}, {failures} times in a row")
    if before is not None and before.status in (Status.DOWN, Status.BEHIND):
        kept = before.cause if before.status is Status.BEHIND else cause
        return replace(before, checked_at=poll.at, failures=failures, cause=kept)
    # It has been away since the poll before this one, where that one was the first to fail.
    since = before.checked_at if before is not None and before.failures else poll.at
    return DeviceStatus(poll.device, poll.unit, Status.DOWN, since, poll.at, cause, failures=failures)


def _changed(before: DeviceStatus | None, poll: PollOutcome, status: Status, cause: Words) -> DeviceStatus:
    since = before.since if before is not None and before.status is status else poll.at
    return DeviceStatus(poll.device, poll.unit, status, since, poll.at, cause)


def _trouble(poll: PollOutcome) -> Words:
    """What is wrong and at which OID; the rest of the poller's words stays with the poll's record."""
    trouble, at = _TROUBLED[poll.outcome], _OID.search(poll.detail)
    return Words(f"{trouble.vi}: {at[0]}", f"{trouble.en}: {at[0]}") if at else trouble


def _ports_down(down_ports: DownPorts) -> Words:
    ports = sorted(down_ports.items())
    vi = "; ".join(f"{port} (nối tới {far})" for port, far in ports)
    en = "; ".join(f"{port} (to {far})" for port, far in ports)
    return Words(f"{_PORTS_DOWN.vi}: {vi}", f"{_PORTS_DOWN.en}: {en}")
