"""How a listener is, as the board shows it."""

from collections.abc import Sequence
from datetime import datetime

from collectors.reception.gathering import Gatherer
from wardwatch.errors import UserError
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words, visible
from wardwatch.model.time import Clock


def listener_health(
    edge: str,
    part: str,
    began: datetime,
    clock: Clock,
    gatherer: Gatherer,
    troubles: Sequence[UserError],
    more: dict[str, float],
) -> PartHealth:
    """A listener's part: failed where an address cannot be had or the journal takes nothing."""
    figures = {
        "received": float(gatherer.received),
        "events": float(gatherer.events),
        "rejected_messages": float(gatherer.rejected),
        "held_bytes": float(gatherer.held_bytes),
        "dropped_full": float(gatherer.full.total),
        "kernel_drops": float(gatherer.kernel.total),
        "strangers": float(gatherer.strangers.total),
        "refused": float(gatherer.refused.total),
        **more,
    }
    state = PartState.FAILED if troubles or gatherer.waits else PartState.RUNNING
    return PartHealth(edge, part, clock(), state, began, detail=_detail(gatherer, troubles), figures=figures)


def _detail(gatherer: Gatherer, troubles: Sequence[UserError]) -> Words:
    if troubles:
        said = troubles[0].message
        return Words(f"Không lắng nghe được: {said}", f"Not listening: {said}")
    if gatherer.waits:
        return Words("Nhật ký chờ gửi đã đầy: chưa nhận thêm.", "The journal is full: nothing more is taken.")
    if gatherer.full.total:
        worst, count = visible(gatherer.full.worst()), gatherer.full.total
        return Words(
            f"Đã bỏ {count} bản tin vì quá tải, nhiều nhất từ {worst}.",
            f"{count} messages were dropped in a storm, most of them from {worst}.",
        )
    return NO_WORDS
