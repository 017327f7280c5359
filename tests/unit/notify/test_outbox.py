"""The outbox: told once, grouped, tried again, bounded, the same after a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.notify.log import AttemptLog, Outcome
from wardwatch.notify.outbox import MOST_WAITING, RETRY_AFTER, Outbox
from wardwatch.notify.plan import Step
from wardwatch.notify.settings import Channel, NotifySettings
from wardwatch.notify.wording import Message

OPENED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SETTINGS = NotifySettings(channels={name: Channel(name, f"secret://{name}") for name in ("mail", "binh", "room")})


def incident(number: int = 7, namespace: str = "default") -> Incident:
    return Incident(
        f"i-{number}", number, namespace, Words("Đứt kênh", "Line cut"), IncidentState.OPEN, Severity.HIGH,
        "phuong-5", ("phuong-5",), ("rt-5",), (), (), OPENED, OPENED,
    )  # fmt: skip


class Post:
    """What was sent, and whether the other side takes it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.refusal: str | None = None

    def send(self, address: str, message: Message) -> str | None:
        self.sent.append((address, message))
        return self.refusal


def outbox(folder: Path, post: Post, at: datetime = OPENED) -> tuple[Outbox, AttemptLog]:
    log = AttemptLog(folder / "log.jsonl")
    log.open(at)
    made = Outbox(log, lambda reference: reference.removeprefix("secret://"), post.send)
    made.restore()
    return made, log


def step(number: int = 1, channels: tuple[str, ...] = ("mail",)) -> Step:
    return Step(incident(number), "serious", 0, channels)


def outcomes(log: AttemptLog) -> list[str]:
    return [line.outcome.value for line in log.lines]


def test_a_step_is_told_once_also_after_a_restart(tmp_path: Path) -> None:
    post = Post()
    box, log = outbox(tmp_path, post)
    for second in range(3):
        box.offer([step()], OPENED + timedelta(seconds=second))
        box.flush(SETTINGS, OPENED + timedelta(seconds=second))
    again, log = outbox(tmp_path, post)
    again.offer([step(channels=("mail", "binh"))], OPENED)
    again.flush(SETTINGS, OPENED)
    assert [address for address, _ in post.sent] == ["mail"]
    assert outcomes(log) == ["queued", "sent"]


def test_a_storm_after_the_first_goes_together(tmp_path: Path) -> None:
    post = Post()
    box, _ = outbox(tmp_path, post)
    box.offer([step(1)], OPENED)
    box.flush(SETTINGS, OPENED)
    storm = [step(number) for number in range(1, 41)]
    box.offer(storm, OPENED + timedelta(seconds=5))
    assert box.flush(SETTINGS, OPENED + timedelta(seconds=5)) == 0
    assert box.flush(SETTINGS, OPENED + timedelta(seconds=60)) == 1
    assert post.sent[1][1].title == "WardWatch: 39 sự cố"
    assert "#2 Đứt kênh" in post.sent[1][1].body


def test_a_failure_is_tried_again_and_given_up(tmp_path: Path) -> None:
    post = Post()
    post.refusal = "connection refused"
    box, log = outbox(tmp_path, post)
    now = OPENED
    for wait in (*RETRY_AFTER, timedelta(0)):
        box.offer([step()], now)
        box.flush(SETTINGS, now)
        assert box.flush(SETTINGS, now) == 0
        now += wait
    assert outcomes(log) == ["queued", *["retrying"] * 4, "failed"]
    assert log.lines[-1].reason == "connection refused"
    assert box.waiting == 0


def test_what_somebody_took_meanwhile_is_not_tried_again(tmp_path: Path) -> None:
    post = Post()
    post.refusal = "no"
    box, _ = outbox(tmp_path, post)
    box.offer([step()], OPENED)
    box.flush(SETTINGS, OPENED)
    box.offer([], OPENED)
    assert (box.waiting, box.flush(SETTINGS, OPENED + timedelta(hours=1))) == (0, 0)


def test_what_finds_no_room_is_dropped_and_logged(tmp_path: Path) -> None:
    box, _ = outbox(tmp_path, Post())
    box.offer([step(number) for number in range(MOST_WAITING + 3)], OPENED)
    assert (box.waiting, box.counts[Outcome.DROPPED]) == (MOST_WAITING, 3)


def test_an_empty_rota_is_said_not_swallowed(tmp_path: Path) -> None:
    box, log = outbox(tmp_path, Post())
    nobody = Step(incident(), "serious", 0, (), ("noc",))
    box.offer([nobody], OPENED)
    box.offer([nobody], OPENED)
    assert [(line.outcome, line.reason) for line in log.lines] == [(Outcome.DROPPED, "nobody is on call: noc")]


def test_a_line_cut_by_a_power_loss_is_passed_over_and_old_ones_go(tmp_path: Path) -> None:
    box, log = outbox(tmp_path, Post())
    box.offer([step()], OPENED)
    with (tmp_path / "log.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-')
    _, log = outbox(tmp_path, Post(), OPENED + timedelta(days=1))
    assert (outcomes(log), log.since) == (["queued"], OPENED)
    _, log = outbox(tmp_path, Post(), OPENED + timedelta(days=91))
    assert outcomes(log) == []


@pytest.mark.parametrize(("language", "word"), [("vi", "[DIỄN TẬP] [CAO] #7"), ("en", "[DRILL] [HIGH] #7")])
def test_a_drill_says_so_in_both_languages(tmp_path: Path, language: str, word: str) -> None:
    post = Post()
    box, _ = outbox(tmp_path, post)
    room = replace(SETTINGS.channels["room"], language=language)
    settings = replace(SETTINGS, channels={**SETTINGS.channels, "room": room})
    box.offer([Step(incident(namespace="drill-1"), "drills", 0, ("room",))], OPENED)
    box.flush(settings, OPENED)
    assert post.sent[0][1].title.startswith(word)


def test_a_drill_never_stands_beside_what_is_real(tmp_path: Path) -> None:
    post = Post()
    box, _ = outbox(tmp_path, post)
    box.offer([Step(incident(1, "drill-1"), "drills", 0, ("mail",)), step(2), step(3)], OPENED)
    box.flush(SETTINGS, OPENED)
    box.flush(SETTINGS, OPENED + timedelta(minutes=1))
    assert [message.title for _, message in post.sent] == [
        "WardWatch: 2 sự cố",
        "[DIỄN TẬP] [CAO] #1 Đứt kênh",
    ]
