"""The score of a run as Markdown, Vietnamese first."""

from statistics import median
from typing import Any

from drills.offline import DrillResult, missed
from drills.score import ExpectationStatus, Judgement, Rung, rating
from drills.standing import objectives, techniques, told_alert

_STATUS = {
    ExpectationStatus.MET: ("đạt", "met"),
    ExpectationStatus.LATE: ("muộn", "late"),
    ExpectationStatus.MISSED: ("không đạt", "missed"),
    ExpectationStatus.VOID: ("không đánh giá được", "void"),
}

_RUNG = {
    Rung.PREVENTED: ("đã ngăn chặn", "prevented"),
    Rung.ALERTED: ("luật khác đã cảnh báo", "another rule alerted"),
    Rung.LOGGED_ONLY: ("chỉ ghi nhận", "only logged"),
}


def markdown(result: DrillResult) -> str:
    """The report: what was sent, what saw it, how fast, what was missed, what to fix."""
    return "\n".join(
        [
            *_head(result),
            "",
            *_table(result),
            "",
            *_objectives(result),
            "",
            *_techniques(result),
            "",
            *_times(result),
            "",
            *_gaps(result),
            "",
            *_false(result),
            "",
        ]
    )


def _head(result: DrillResult) -> list[str]:
    scenario = result.scenario
    basis = ", ".join(scenario.legal_basis) or "–"
    share = "–" if result.score is None else _percent(result.score)
    letter = rating(result.score, result.judgements, scenario) or "–"
    judged = sum(judgement.status is not ExpectationStatus.VOID for judgement in result.judgements)
    return [
        f"# Diễn tập / Drill: {scenario.title.vi}",
        "",
        f"*{scenario.title.en}*",
        "",
        f"- Điểm / Score: **{share}** (HSEEP {letter}; được đánh giá / judged {judged}/{len(result.judgements)})",
        f"- Căn cứ / Legal basis: {basis}",
        f"- Thời điểm chạy / Run at: {result.started_at:%Y-%m-%d %H:%M:%S} UTC",
        f"- Hạt giống / Seed: {result.seed} · SHA-256: `{result.capture.sha256}`",
        f"- Gói tin / Packets: {result.capture.packets}",
        f"- Suricata: nạp luật / rules loaded {result.load_s:.2f} s, đọc / replay {result.replay_s:.2f} s",
        *(
            f"- **Luật không nạp được / Rule refused**: sid {rule.sid or '–'}, dòng / line {rule.line}"
            for rule in result.rules_refused
        ),
    ]


def _table(result: DrillResult) -> list[str]:
    rows = [
        "## Kết quả mong đợi / Expectations",
        "",
        "| id | tình huống / inject | ATT&CK | kết quả / status | sau / after | điểm / credit | ghi chú / note |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    return rows + [_row(judgement) for judgement in result.judgements]


def _row(judgement: Judgement) -> str:
    vi, en = _STATUS[judgement.status]
    after = "–" if judgement.time_to_detect_s is None else f"{judgement.time_to_detect_s:.3f} s"
    name = f"{judgement.id}{' (!)' if judgement.critical else ''}"
    cells: list[Any] = [
        name,
        judgement.inject,
        judgement.technique or "–",
        f"{vi} / {en}",
        after,
    ]
    void = judgement.status is ExpectationStatus.VOID
    cells += [
        "–" if void else f"{judgement.credit:.2f} × {judgement.weight:g}",
        judgement.reason.replace("|", "\\|"),
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _objectives(result: DrillResult) -> list[str]:
    told = objectives(result.scenario, result.judgements)
    lines = ["## Mục tiêu / Objectives", ""]
    if not told:
        return [*lines, "Không có / none."]
    lines += ["| mục tiêu / objective | điểm / score | HSEEP | được đánh giá / judged |", "| --- | --- | --- | --- |"]
    for one in told:
        words = f"{one['id']}: {one['text']}{' / ' + one['text_en'] if one['text_en'] else ''}"
        share = "–" if one["score"] is None else _percent(one["score"])
        lines.append(f"| {words} | {share} | {one['rating'] or '–'} | {one['judged']}/{one['expectations']} |")
    return lines


def _techniques(result: DrillResult) -> list[str]:
    lines = ["## ATT&CK", ""]
    told = [
        f"{technique} {counted['detected']}/{counted['tested']}"
        for technique, counted in techniques(result.judgements).items()
    ]
    return [*lines, f"Phát hiện / detected: {', '.join(told) or '–'}"]


def _times(result: DrillResult) -> list[str]:
    times = sorted(j.time_to_detect_s for j in result.judgements if j.time_to_detect_s is not None)
    if not times:
        return ["## Thời gian phát hiện / Time to detect", "", "Không có / none."]
    listed = ", ".join(f"{seconds:.3f}" for seconds in times)
    return [
        "## Thời gian phát hiện / Time to detect",
        "",
        f"Trung vị / median {median(times):.3f} s, lâu nhất / longest {times[-1]:.3f} s",
        "",
        f"n = {len(times)}: {listed} s",
    ]


def _gaps(result: DrillResult) -> list[str]:
    gaps = missed(result)
    lines = ["## Kế hoạch khắc phục / Improvement plan", ""]
    if not gaps:
        return [*lines, "Không có kết quả nào không đạt / nothing was missed."]
    return lines + [f"- [ ] {gap.id} ({gap.technique or '–'}): {gap.reason}{_rung(gap)}" for gap in gaps]


def _rung(gap: Judgement) -> str:
    """What a rule writer can start from."""
    if gap.rung not in _RUNG:
        return ""
    return f"; {' / '.join(_RUNG[gap.rung])}: {', '.join(gap.seen_as)}"


def _false(result: DrillResult) -> list[str]:
    told = result.accuracy
    share = "–" if told.precision is None else _percent(told.precision)
    lines = [
        "## Báo động giả / False positives",
        "",
        f"Cảnh báo / alerts {told.alerts}, đúng / precision {share}, {told.false_positives_per_hour:g} giờ / an hour; "
        f"khi chỉ có lưu lượng bình thường / of benign traffic alone: {told.benign_alerts}",
        "",
    ]
    if not result.false_positives:
        return [*lines, "Không có / none."]
    return lines + [
        f"- T+{told['at_s']:.3f} s: {told['signature']} ({told['source'] or '–'} → {told['destination'] or '–'})"
        for told in map(told_alert, result.false_positives)
    ]


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace(".", ",")
