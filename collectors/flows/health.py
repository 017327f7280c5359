"""How the reception of flows is, as the board shows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from collectors.flows.decoder import Decoder
from collectors.flows.front import Front
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words, visible

PART = "flows"


def flow_health(
    edge: str,
    began: datetime,
    now: datetime,
    front: Front,
    decoders: Mapping[str, Decoder],
    counted: Mapping[str, float],
    troubles: Sequence[str],
) -> PartHealth:
    """Failed where an address cannot be had, or where flows come and a decoder does not run."""
    told = [counts for _, counts in front.exporters()]
    figures = {
        "received": float(front.received),
        "exporters": float(len(told)),
        "exports_lost": float(sum(each.lost for each in told)),
        "exports_late": float(sum(each.late for each in told)),
        "templates_missing": float(front.templates.total),
        "malformed": float(front.malformed.total),
        "strangers": float(front.strangers.total),
        "kernel_drops": float(front.kernel.total),
        "decoder_drops": float(front.decoder.total + front.away.total + sum(each.losses for each in decoders.values())),
        "rows_of_no_exporter": float(front.unknown.total),
        "damaged_rows": float(sum(each.damaged for each in decoders.values())),
        "decoder_restarts": float(sum(each.restarts for each in decoders.values())),
        "dropped_full": float(front.full.total),
        **counted,
    }
    idle = [each.trouble for each in decoders.values() if each.trouble]
    state = PartState.FAILED if troubles or (idle and front.received) else PartState.RUNNING
    return PartHealth(edge, PART, now, state, began, detail=_detail(front, [*troubles, *idle]), figures=figures)


def _detail(front: Front, troubles: Sequence[str]) -> Words:
    if troubles:
        return Words(f"Không nhận được luồng (flow): {troubles[0]}", f"Flows are not received: {troubles[0]}")
    for counts, vi, en in (
        (front.malformed, "Gói tin sai cấu trúc", "Malformed packets"),
        (front.templates, "Dữ liệu chưa có mẫu (template)", "Data whose template is missing"),
    ):
        if counts.total:
            worst = visible(counts.worst())
            return Words(
                f"{vi}: {counts.total}, nhiều nhất từ {worst}.", f"{en}: {counts.total}, most of them from {worst}."
            )
    return NO_WORDS
