"""Which addresses an edge may ship to, and what is said about those it may not."""

from pathlib import Path

import pytest

from wardwatch.errors import TransportFault, UserError
from wardwatch.model.records import Batch
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.https import HttpsLine


def line(server: str, ca: Path | None = None) -> HttpsLine:
    return HttpsLine(server, lambda: "token", ca)


@pytest.mark.parametrize(
    "server",
    [
        "https://core.example",
        "https://10.1.0.1:8443/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost",
    ],
)
def test_https_is_taken_and_plain_http_on_loopback(server: str) -> None:
    line(server)


@pytest.mark.parametrize("server", ["http://core.example", "http://10.1.0.1:8080", "http://127.0.0.1.example"])
def test_plain_http_elsewhere_is_refused_with_its_reason(server: str) -> None:
    with pytest.raises(UserError, match="the token would go over the network for everybody to read") as refused:
        line(server)
    assert refused.value.hint is not None
    assert "https://" in refused.value.hint


@pytest.mark.parametrize(
    "server", ["core.example", "ftp://core.example", "https://", "https://user:word@core.example", "https://core/?a=b"]
)
def test_what_is_no_address_of_a_core_is_refused(server: str) -> None:
    with pytest.raises(UserError, match="this is no address"):
        line(server)


def test_an_authority_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--ca"):
        line("https://core.example", tmp_path / "missing.pem")
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(UserError, match="--ca"):
        line("https://core.example", tmp_path / "ca.pem")


@pytest.mark.anyio
async def test_a_token_that_cannot_be_read_now_leaves_what_waits_alone(tmp_path: Path) -> None:
    def token() -> str:
        raise UserError("there is no secret 'token'", "write it")

    with pytest.raises(TransportFault, match="there is no secret"):
        await CoreConnection(HttpsLine("https://127.0.0.1:1", token)).ship(Batch("", "", 0))
    with pytest.raises(TransportFault, match="the edge's token is none"):
        await CoreConnection(HttpsLine("https://127.0.0.1:1", lambda: "chữ")).ship(Batch("", "", 0))


@pytest.mark.anyio
async def test_nobody_there_is_said_in_a_sentence() -> None:
    with pytest.raises(TransportFault, match=r"the core at https://127\.0\.0\.1:1 does not answer"):
        await CoreConnection(HttpsLine("https://127.0.0.1:1", lambda: "token")).hello("collect", "e")
