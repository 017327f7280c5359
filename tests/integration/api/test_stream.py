"""The live stream over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from api.routes import stream as stream_route
from wardwatch.model.access import Actor, Role
from wardwatch.model.state import Grant, User

Frame = dict[str, str]


def frames(answer: httpx.Response) -> Iterator[Frame]:
    """Server-sent events as they come; a comment stands under the empty key."""
    frame: Frame = {}
    for line in answer.iter_lines():
        if not line:
            yield frame
            frame = {}
            continue
        key, _, value = line.partition(":")
        frame[key] = value.strip()


def until(found: Iterator[Frame], event: str) -> Frame:
    return next(frame for frame in found if frame.get("event") == event)


def payload(frame: Frame) -> Any:
    return json.loads(frame["data"])["payload"]


def test_a_listener_sees_its_own_units(site: Any) -> None:
    with site.client("an") as client, client.stream("GET", "/api/v1/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = frames(answer)
        next(found)
        site.hub.publish("status", {"units": ["secret-ward"], "device": "rt-secret-ward"})
        site.hub.publish("status", {"units": ["an-phu", "secret-ward"], "device": "rt-an-phu"})
        assert payload(until(found, "status")) == {"units": ["an-phu"], "device": "rt-an-phu"}


def test_a_listener_goes_on_where_it_was(site: Any) -> None:
    with site.client("admin") as client:
        with client.stream("GET", "/api/v1/stream") as answer:
            found = frames(answer)
            next(found)
            site.hub.publish("incident", {"units": ["an-phu"], "number": 1})
            last = until(found, "incident")["id"]
        site.hub.publish("incident", {"units": ["an-phu"], "number": 2})
        with client.stream("GET", "/api/v1/stream", headers={"last-event-id": last}) as answer:
            assert payload(until(frames(answer), "incident"))["number"] == 2
        with client.stream("GET", "/api/v1/stream", headers={"last-event-id": "otherboot-3"}) as answer:
            assert until(frames(answer), "resync")


def test_a_stream_ends_when_the_units_of_its_user_change(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_route, "_HEARTBEAT_S", 0.05)
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    moved = User("moved", "Chuyển đi", hasher.hash("mật khẩu dài"))
    site.state.accounts.put_user(Actor.system("test"), moved, [Grant("moved", Role.VIEWER, "secret-ward")])
    with site.client("moved") as client, client.stream("GET", "/api/v1/stream") as answer:
        found = frames(answer)
        next(found)
        site.state.accounts.put_user(Actor.system("test"), moved, [Grant("moved", Role.VIEWER, "an-phu")])
        assert all("event" not in frame for frame in found)
