"""Words out of Vault over real HTTP, by a small server that speaks its KV version 2 API (there is no Vault here)."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from playbooks.hashicorp import KEPT_S, VaultDocument, VaultSecrets
from wardwatch.errors import EngineFault, UserError

WORDS = {"network-password": "Từ-bí-mật"}
TOKEN = "hvs.test"
ASKED: list[str] = []


class Kv(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append(self.path)
        if self.headers["X-Vault-Token"] != TOKEN:
            self.answer(403, {"errors": ["permission denied"]})
        elif self.path == "/v1/kv/data/wardwatch/network":
            self.answer(200, {"data": {"data": WORDS, "metadata": {"version": 1}}})
        else:
            self.answer(404, {"errors": []})

    def answer(self, code: int, body: object) -> None:
        raw = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002
        """Nothing: the test reads what was asked."""


@pytest.fixture
def url() -> Iterator[str]:
    ASKED.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Kv) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def others(reference: str) -> str:
    if reference == "secret://vault-token":
        return TOKEN
    raise UserError(f"{reference} is not known")


def document(url: str, path: str = "wardwatch/network") -> VaultDocument:
    return VaultDocument(url=url, mount="kv", path=path, token="secret://vault-token")


def test_a_word_is_read_once_a_minute_and_seen_when_changed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    secrets = VaultSecrets(document(url), others, lambda: now[0])
    assert [secrets.resolve("secret://network-password") for _ in range(3)] == ["Từ-bí-mật"] * 3
    assert len(ASKED) == 1
    monkeypatch.setitem(WORDS, "network-password", "mới")
    now[0] = KEPT_S + 1
    assert secrets.resolve("secret://network-password") == "mới"
    assert secrets.resolve("secret://vault-token") == TOKEN, "what is not there is looked for here"


def test_what_is_wrong_is_said_without_a_word(url: str) -> None:
    with pytest.raises(EngineFault, match="nothing at that path"):
        VaultSecrets(document(url, "other"), others).resolve("secret://network-password")
    with pytest.raises(EngineFault, match="may not read") as refused:
        VaultSecrets(document(url), lambda _: "another-token").resolve("secret://network-password")
    assert "another-token" not in str(refused.value)
    with pytest.raises(EngineFault, match="cannot be asked"):
        VaultSecrets(document("http://127.0.0.1:1"), others).resolve("secret://network-password")
