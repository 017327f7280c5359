"""The door of remote edges, with everything that may knock: forged tokens, other edges' names, lying lengths."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from wardwatch.model.access import Scope
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Outcome, PollOutcome, SourceProgress
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.shipping.https import MEDIA_TYPE, MESSAGES_PATH
from wardwatch.shipping.messages import (
    MAX_FRAME_BYTES,
    AskEdges,
    AskInventory,
    AskRules,
    Count,
    Hello,
    InventoryIs,
    Noted,
    Replace,
    Report,
    Request,
    RulesAre,
    Ship,
    Shipped,
    Welcome,
    frame_of,
    reply_of,
)
from wardwatch.shipping.packing import packed

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
TODAY = TimeRange(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


class Knocker:
    """Speaks HTTPS to the core as it likes."""

    def __init__(self, centre: Any, token: str) -> None:
        self.centre = centre
        self.token = token
        self.trusted = ssl.create_default_context(cafile=str(centre.ca))
        self.client = httpx.Client(base_url=centre.url, verify=self.trusted, trust_env=False, timeout=20)

    def post(self, body: bytes, token: str | None = None, **headers: str) -> httpx.Response:
        sent = {"authorization": f"Bearer {token or self.token}", "content-type": MEDIA_TYPE, **headers}
        return self.client.post(MESSAGES_PATH, content=body, headers=sent)

    def ask(self, request: Request) -> Any:
        answer = self.post(frame_of(request))
        assert answer.status_code == 200, answer.text
        return reply_of(answer.content)

    def raw(self, head: str, body: bytes) -> bytes:
        """A request word by word; what came back until the core closed."""
        with (
            socket.create_connection(("127.0.0.1", self.centre.port), 10) as plain,
            self.trusted.wrap_socket(plain, server_hostname="127.0.0.1") as line,
        ):
            opening = (
                f"POST {MESSAGES_PATH} HTTP/1.1\r\nHost: core\r\nAuthorization: Bearer {self.token}\r\n{head}\r\n\r\n"
            )
            line.sendall(opening.encode() + body)
            return line.recv(65536)

    def counted(self, result: str) -> float:
        name = f'wardwatch_edge_requests_total{{result="{result}"}} '
        metrics = self.client.get("/metrics").text
        return next((float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name)), 0.0)


@pytest.fixture(scope="module")
def knocker(lonely_centre: Any) -> Iterator[Knocker]:
    knocker = Knocker(lonely_centre, lonely_centre.add_edge("gialam", "gialam"))
    yield knocker
    knocker.client.close()


@pytest.fixture(scope="module")
def clumsy(lonely_centre: Any) -> Iterator[Knocker]:
    """Another edge, whose failures are its own."""
    clumsy = Knocker(lonely_centre, lonely_centre.add_edge("clumsy", "dc"))
    yield clumsy
    clumsy.client.close()


def outcome(device: str) -> PollOutcome:
    return PollOutcome(device, "u", AT, Outcome.OK, 12.5, 40)


def batch(epoch: str, **changes: Any) -> Batch:
    return replace(Batch("gialam/collect", epoch, 1, outcomes=(outcome("gl-1"),)), **changes)


def test_an_edge_learns_its_name_its_zone_and_the_time(knocker: Knocker) -> None:
    welcome = knocker.ask(Hello("collect", "e0"))
    assert isinstance(welcome, Welcome)
    assert (welcome.edge, welcome.zone, welcome.committed) == ("gialam/collect", "gialam", 0)
    assert welcome.now is not None
    assert abs((utc_now() - welcome.now).total_seconds()) < 10


def test_an_edge_gets_its_zone_and_the_address_table_of_the_city(knocker: Knocker) -> None:
    found = knocker.ask(AskInventory())
    assert isinstance(found, InventoryIs)
    assert sorted(found.inventory.devices) == ["gl-1", "gl-2"]
    assert found.inventory.credentials["v2"].community == "secret://ro"
    assert found.inventory.units["u"].networks == ("10.0.0.0/8",)


def test_a_captured_batch_that_is_sent_again_is_not_stored_twice(knocker: Knocker) -> None:
    captured = frame_of(Ship(batch("replayed")))
    first, second = (reply_of(knocker.post(captured).content) for _ in range(2))
    assert isinstance(first, Shipped)
    assert isinstance(second, Shipped)
    assert (first.result.already_committed, second.result.already_committed) == (False, True)
    assert knocker.ask(Hello("collect", "replayed")).committed == 1


@pytest.mark.parametrize("name", ["socson/collect", "collect", "gialam", "gialamx/collect", ""])
def test_a_batch_under_another_name_is_refused(knocker: Knocker, name: str) -> None:
    answer = knocker.post(frame_of(Ship(batch("stolen", edge=name))))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "the token is not that edge's"
    assert knocker.ask(Hello("collect", "stolen")).committed == 0


def test_who_introduces_itself_as_another_edge_is_refused(knocker: Knocker) -> None:
    assert knocker.post(frame_of(Hello("socson/collect", "e0"))).status_code == 403


@pytest.mark.parametrize(
    "request_",
    [Replace("admin", Inventory()), Count(EventQuery(TODAY), "event.kind"), AskEdges()],
    ids=["replace", "count", "edges"],
)
def test_what_only_the_socket_may_ask_is_refused(knocker: Knocker, request_: Request) -> None:
    before = knocker.centre.state.inventory.version()
    answer = knocker.post(frame_of(request_))
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert knocker.centre.state.inventory.version() == before


def test_readings_of_another_zone_are_dropped_and_counted(knocker: Knocker) -> None:
    mixed = batch("mixed", outcomes=(outcome("gl-1"), outcome("dc-1")))
    assert isinstance(knocker.ask(Ship(mixed)), Shipped)
    assert "dc-1" not in {each.device for each in knocker.centre.state.devices.statuses(Scope.everything())}
    assert "readings of foreign devices edge=gialam/collect" in knocker.centre.said("core")


def test_a_namespace_of_drills_is_refused(knocker: Knocker) -> None:
    assert knocker.post(frame_of(Ship(batch("drill", namespace="drill-1")))).status_code == 403


def test_sources_are_told_to_their_own_edge_only(knocker: Knocker) -> None:
    other = Knocker(knocker.centre, knocker.centre.add_edge("socson", "socson"))
    mine = SourceProgress("s1", 9, "/var/log/suricata/eve.json", "f")
    assert isinstance(knocker.ask(Ship(batch("sources", edge="gialam/ingest", progress=(mine,)))), Shipped)
    assert knocker.ask(Hello("ingest", "sources")).sources == (mine,)
    assert other.ask(Hello("ingest", "sources")).sources == ()
    other.client.close()


def test_reports_and_rules_pass(knocker: Knocker) -> None:
    rules = knocker.centre.data.rules
    rules.mkdir()
    (rules / "city.rules").write_text("# rules\n" * 10_000)
    found = knocker.ask(AskRules(""))
    assert isinstance(found, RulesAre)
    assert found.files == {"city.rules": b"# rules\n" * 10_000}
    assert knocker.ask(AskRules(found.version)).files == {}
    health = PartHealth("not-me", "journal", AT, PartState.RUNNING, AT, figures={"pending_batches": 1.0})
    assert isinstance(knocker.ask(Report((health,))), Noted)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "0 bytes are no frame"),
        (b"\x00\x00\x00\x03\xc1\xc1\xc1", "not of the protocol"),
        (b"\x00\x00\x10\x00short", "claims 4096 bytes and has 5"),
        (b"\xff\xff\xff\xff\x90", "claims 4294967295 bytes; at most"),
        (b"\x00\x00\x0f\xa0" + b"\x91" * 4000, "not of the protocol"),
    ],
    ids=["nothing", "not messagepack", "lying length", "huge length", "depth"],
)
def test_what_is_no_frame_is_said_and_counted(knocker: Knocker, body: bytes, words: str) -> None:
    before = knocker.counted("malformed")
    answer = knocker.post(body)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert knocker.counted("malformed") == before + 1


def test_a_packed_batch_is_taken(knocker: Knocker) -> None:
    frame = frame_of(Ship(batch("packed", outcomes=(outcome("gl-1"),) * 500)))
    answer = knocker.post(packed(frame), **{"content-encoding": "gzip"})
    assert len(packed(frame)) < len(frame) / 5
    assert isinstance(reply_of(answer.content), Shipped)


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (bytes(MAX_FRAME_BYTES + 5), "gzip", "unpacks to more than"),
        (packed(frame_of(AskInventory()))[:-4], "gzip", "ends too early"),
        (b"\x1f\x8bnot packed", "gzip", "cannot be unpacked"),
        (b"", "br", "packed by br is not taken"),
    ],
    ids=["bomb", "cut", "not packed", "unknown"],
)
def test_what_cannot_be_unpacked_is_refused(clumsy: Knocker, body: bytes, encoding: str, words: str) -> None:
    sent = packed(body) if len(body) > MAX_FRAME_BYTES else body
    answer = clumsy.post(sent, **{"content-encoding": encoding})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_a_body_that_no_frame_fills_is_refused_before_it_is_read(knocker: Knocker) -> None:
    answer = knocker.raw(f"Content-Length: {MAX_FRAME_BYTES + 5}", b"")
    assert b" 413 " in answer
    assert knocker.counted("too_large") == 1


def test_a_body_of_unknown_length_is_refused(knocker: Knocker) -> None:
    answer = knocker.raw("Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n")
    assert b" 411 " in answer


def test_a_body_that_ends_early_is_counted(knocker: Knocker, until: Any) -> None:
    trusted = knocker.trusted
    with socket.create_connection(("127.0.0.1", knocker.centre.port), 10) as plain:
        line = trusted.wrap_socket(plain, server_hostname="127.0.0.1")
        head = f"POST {MESSAGES_PATH} HTTP/1.1\r\nHost: core\r\nAuthorization: Bearer {knocker.token}\r\n"
        line.sendall(f"{head}Content-Length: 1000\r\n\r\nhalf".encode())
        line.close()
    until(lambda: knocker.counted("truncated") == 1)
    assert "Traceback" not in knocker.centre.said("core")


def test_missing_forged_and_revoked_tokens_are_answered_alike(knocker: Knocker) -> None:
    revoked = knocker.centre.add_edge("lab", "lab")
    assert knocker.post(frame_of(AskInventory()), revoked).status_code == 200
    assert knocker.centre.wardwatch("edge", "revoke", "lab", "--data", "core").returncode == 0
    bare = knocker.client.post(MESSAGES_PATH, content=frame_of(AskInventory()))
    answers = [bare, *(knocker.post(frame_of(AskInventory()), token) for token in ("forged", revoked))]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    entries = knocker.centre.state.audit.entries(Scope.everything(), TODAY, 100)
    assert {entry.action for entry in entries} >= {"edge.add", "edge.revoke", "edge.refused", "edge.forbidden"}
    assert not any(revoked in str(entry) or knocker.token in str(entry) for entry in entries)


def test_guessing_is_slowed_down_and_a_good_token_still_opens(knocker: Knocker) -> None:
    answers = [knocker.post(b"", "guess").status_code for _ in range(25)]
    assert set(answers) == {401, 429}
    assert answers[-1] == 429
    assert knocker.ask(Hello("collect", "e0")).edge == "gialam/collect"


def test_an_edge_that_keeps_failing_is_slowed_down_alone(knocker: Knocker, clumsy: Knocker) -> None:
    statuses = [clumsy.post(b"").status_code for _ in range(25)]
    assert statuses[-1] == 429
    assert int(clumsy.post(b"").headers["retry-after"]) > 0
    assert knocker.ask(Hello("collect", "e0")).edge == "gialam/collect"
