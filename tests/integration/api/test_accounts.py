"""Logging in and out, and who may write."""

from typing import Any

import pytest


def test_login_gives_a_cookie_that_scripts_cannot_read(site: Any) -> None:
    with site.client(None) as client:
        answer = client.post("/api/v1/session", json={"username": "AN ", "password": "mật khẩu dài"})
        assert answer.status_code == 201
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        shown = client.get("/api/v1/session").json()
    assert shown["roles"] == ["operator"]
    assert shown["grants"][0]["unit"]["id"] == "an-phu"
    assert not shown["whole_city"]


def test_logout_ends_the_session_on_the_server(site: Any) -> None:
    with site.client("xem") as client:
        kept = dict(client.cookies)
        assert client.delete("/api/v1/session").status_code == 204
        client.cookies.update(kept)
        assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(("user", "password"), [("an", "wrong"), ("nobody", "wrong"), ("tat", "mật khẩu dài")])
def test_refusals_say_the_same_for_all(user: str, password: str, site: Any) -> None:
    with site.client(None) as client:
        answer = client.post("/api/v1/session", json={"username": user, "password": password})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "the user name or the password is wrong"


def test_too_many_failures_have_to_wait(site: Any) -> None:
    with site.client(None) as client:
        answers = [
            client.post("/api/v1/session", json={"username": "guessed", "password": str(number)}) for number in range(7)
        ]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
        other = client.post("/api/v1/session", json={"username": "an", "password": "mật khẩu dài"})
        assert other.status_code == 201, "another user is not held up"
        assert 'wardwatch_logins_total{result="throttled"} 2.0' in client.get("/metrics").text


def test_a_write_without_our_header_is_forged(site: Any) -> None:
    with site.client("admin") as client:
        del client.headers["x-requested-with"]
        assert client.delete("/api/v1/session").status_code == 403
        assert client.get("/api/v1/session").status_code == 200
