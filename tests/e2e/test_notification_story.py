"""A channel is written down, is tried from the page, and takes what it is sent."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from wardwatch.secrets import write_secrets

Eventually = Callable[..., Any]
CHROMIUM = Path("/usr/bin/chromium")
DEADLINE_MS = 30_000
SETTINGS = """
channels: [{name: hook, url: "secret://e2e-hook"}]
people: [{name: lan, channels: [hook]}]
rotas: [{name: truc-mang, people: [lan], starts: 2026-01-05}]
routes: [{name: all, rotas: [truc-mang]}]
"""


@pytest.fixture
def hook() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    taken: list[dict[str, Any]] = []

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receive) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, taken
        server.shutdown()


def test_the_test_button_reaches_the_channel(
    url: str, data: Path, password: str, admin: httpx.Client, eventually: Eventually, hook: Any
) -> None:
    port, taken = hook
    write_secrets(data / "secrets", {"e2e-hook": f"json://127.0.0.1:{port}/"})
    settings = data / "notify.yaml"
    settings.write_text(SETTINGS, encoding="utf-8")
    try:
        eventually(lambda: admin.get("/api/v1/rota").json()["channels"] == ["hook"], "the settings are read")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_context(locale="vi-VN", base_url=url).new_page()
            page.goto("/system/notifications")
            page.get_by_label("Tên đăng nhập").fill("admin")
            page.get_by_label("Mật khẩu").fill(password)
            page.get_by_role("button", name="Đăng nhập").click()
            expect(page.get_by_role("table", name="Lịch trực")).to_contain_text("lan")
            page.get_by_role("button", name="Gửi thử hook").click()
            # The first message loads every service that Apprise knows.
            expect(page.get_by_text("hook đã nhận tin thử")).to_be_visible(timeout=DEADLINE_MS)
            expect(page.get_by_role("table", name="Nhật ký thông báo")).to_contain_text("đã gửi")
            browser.close()
        assert any(said["title"] == "WardWatch: tin thử" for said in taken)
    finally:
        settings.unlink()
