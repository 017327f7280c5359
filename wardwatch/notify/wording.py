"""What a notification says, in Vietnamese and English: one incident, several at once, or a test."""

from collections.abc import Sequence
from dataclasses import dataclass

from wardwatch.model.status import Severity
from wardwatch.model.text import Words, visible
from wardwatch.notify.plan import Step
from wardwatch.notify.settings import CITY_TIME

_SEVERITIES: dict[Severity, Words] = {
    Severity.CRITICAL: Words("NGHIÊM TRỌNG", "CRITICAL"),
    Severity.HIGH: Words("CAO", "HIGH"),
    Severity.MEDIUM: Words("TRUNG BÌNH", "MEDIUM"),
    Severity.LOW: Words("THẤP", "LOW"),
    Severity.INFO: Words("THÔNG TIN", "INFO"),
}
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title of one line and a body."""

    title: str
    body: str


def message_of(steps: Sequence[Step], language: str) -> Message:
    """One message for all these steps, the worst first is the caller's order."""
    lines = [_line(step, language) for step in steps[:_LISTED]]
    if len(steps) > _LISTED:
        more = len(steps) - _LISTED
        lines.append(_in(Words(f"và {more} sự cố khác", f"and {more} more incidents"), language))
    if len(steps) == 1:
        return Message(lines[0].partition("\n")[0], lines[0])
    title = _in(Words(f"{len(steps)} sự cố", f"{len(steps)} incidents"), language)
    return Message(f"WardWatch: {title}", "\n\n".join(lines))


def trial_message(channel: str, language: str) -> Message:
    """What the test button sends."""
    said = Words(
        f"Đây là tin thử của WardWatch cho kênh '{channel}'. Không cần làm gì.",
        f"This is a test of WardWatch for the channel '{channel}'. Nothing is to be done.",
    )
    return Message(_in(Words("WardWatch: tin thử", "WardWatch: test"), language), _in(said, language))


def _line(step: Step, language: str) -> str:
    incident = step.incident
    head = f"[{_in(_SEVERITIES[incident.severity], language)}] #{incident.number} {_in(incident.title, language)}"
    if incident.drill:
        head = f"[{_in(Words('DIỄN TẬP', 'DRILL'), language)}] {head}"
    lines = [visible(head)]
    if step.number:
        lines.append(
            _in(
                Words(f"Chưa ai tiếp nhận: chuyển cấp {step.number}", f"Nobody took it: escalation {step.number}"),
                language,
            )
        )
    opened = incident.opened_at.astimezone(CITY_TIME)
    lines.append(_in(Words(f"Mở lúc {opened:%H:%M %d/%m/%Y}", f"Opened {opened:%Y-%m-%d %H:%M} (GMT+7)"), language))
    if incident.units:
        lines.append(visible(_in(Words("Đơn vị: ", "Units: "), language) + ", ".join(incident.units[:_LISTED])))
    if incident.services:
        lines.append(visible(_in(Words("Dịch vụ: ", "Services: "), language) + ", ".join(incident.services[:_LISTED])))
    return "\n".join(lines)


def _in(words: Words, language: str) -> str:
    return words.vi if language == "vi" else words.en
