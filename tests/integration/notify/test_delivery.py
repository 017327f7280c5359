"""Notifications over a real mail server and a real web server, from an incident in the store to what arrives."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from wardwatch.incidents.lifecycle import acknowledge
from wardwatch.model.access import Actor, Scope
from wardwatch.model.health import PartState
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.notify.channels import send_by_apprise
from wardwatch.notify.log import Outcome
from wardwatch.notify.service import Notifier, NotifierSettings
from wardwatch.notify.wording import Message
from wardwatch.secrets import Secrets, write_secrets
from wardwatch.state import open_state

BEGAN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WHO = Actor.system("test")


class Mailbox:
    """What the mail server took."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class Hook(ThreadingHTTPServer):
    """A webhook that keeps what it gets and answers as it is told."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.answer = 200
        super().__init__(("127.0.0.1", 0), _Receive)


class _Receive(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The controller asks its own port whether it answers, so it must know the number.
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def incident(number: int, namespace: str = "default") -> Incident:
    return Incident(
        f"i-{number}", number, namespace, Words("Đứt kênh phường 5", "Line of ward 5 cut"), IncidentState.OPEN,
        Severity.HIGH, "phuong-5", ("phuong-5",), ("rt-5",), (), (), BEGAN, BEGAN,
    )  # fmt: skip


SETTINGS = """
channels:
  - {name: mail, url: "secret://mail-url"}
  - {name: hook, url: "secret://hook-url", language: en}
people:
  - {name: an, channels: [mail]}
rotas:
  - {name: noc, people: [an], starts: 2026-11-23}
routes:
  - {name: serious, severities: [high], rotas: [noc], escalation: [{channels: [hook]}]}
"""


def test_mail_first_then_the_hook_while_nobody_takes_it(
    tmp_path: Path, mailbox: tuple[Mailbox, int], hook: Hook
) -> None:
    box, port = mailbox
    now = [BEGAN]
    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: now[0])
    mail = f"mailto://127.0.0.1:{port}?from=noc@example.vn&to=an@example.vn&mode=insecure"
    write_secrets(tmp_path / "secrets", {"mail-url": mail, "hook-url": f"json://127.0.0.1:{hook.server_port}/s3cret"})
    (tmp_path / "notify.yaml").write_text(SETTINGS, encoding="utf-8")
    files = NotifierSettings(tmp_path / "notify.yaml", tmp_path / "notify" / "log.jsonl")
    notifier = Notifier(files, state, Secrets(tmp_path / "secrets", {}).resolve, send_by_apprise, lambda: now[0])
    try:
        assert notifier.look() == 0
        saved = state.incidents.save(WHO, incident(1), [])
        state.incidents.save(WHO, incident(2, "drill-1"), [])
        assert notifier.look() == 1
        assert "[CAO] #1 Đứt kênh phường 5" in box.messages[0]["subject"]
        assert "phuong-5" in box.messages[0].get_body(("plain",)).get_content()
        assert notifier.look() == 0
        now[0] += timedelta(minutes=31)
        hook.answer = 500
        assert notifier.look() == 1
        assert notifier.health()[0].state is PartState.FAILED
        assert notifier.health()[0].detail.en == "not reached: hook"
        hook.answer = 200
        now[0] += timedelta(minutes=1)
        assert notifier.look() == 1
        assert "Nobody took it: escalation 1" in hook.bodies[1]["message"]
        acknowledge(state.incidents, Scope.everything(), WHO, saved.id, saved.version, now[0])
        now[0] += timedelta(hours=5)
        assert notifier.look() == 0
        assert notifier.test("hook").outcome is Outcome.SENT
        newest = notifier.attempts(Scope.everything(), 10)
        assert [line.outcome.value for line in newest[::-1]] == ["queued", "sent", "queued", "retrying", "sent", "sent"]
        assert not any("s3cret" in line.reason for line in newest)
        assert notifier.attempts(Scope.of("phuong-6"), 10) == []
        assert len(notifier.attempts(Scope.of("phuong-5"), 10)) == 5
        assert (len(box.messages), notifier.health()[0].state) == (1, PartState.RUNNING)
    finally:
        state.close()


def test_why_it_failed_is_said_without_the_address(hook: Hook) -> None:
    hook.answer = 403
    reason = send_by_apprise(f"json://name:p4ssword@127.0.0.1:{hook.server_port}/t0ken", Message("a", "b"))
    assert reason
    assert "403" in reason
    assert not any(word in reason for word in ("p4ssword", "t0ken"))
