"""A node that is busy, away, cut off or killed: nothing is lost, nothing is doubled."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from wardwatch.bench.elasticsearch_node import ElasticsearchNode, elasticsearch_node
from wardwatch.bench.elasticsearch_proxy import CUT, Proxy
from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor

CORE = Actor.system("core")


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[Proxy]:
    with Proxy(elasticsearch_url) as proxy:
        yield proxy


def bulks(proxy: Proxy) -> int:
    return sum("/_bulk" in request for request in proxy.requests)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_node_is_asked_again(city: Any, batch: Any, proxy: Proxy, status: int) -> None:
    proxy.answer = lambda request, body: (status, b"{}") if "/_bulk" in request and bulks(proxy) < 3 else None
    assert city.store(urls=(proxy.url,)).append(CORE, batch(1, range(20))).stored_events == 20
    assert bulks(proxy) == 3
    assert len(city.stored()["2026.03.02"]) == 20


def test_members_that_were_refused_for_now_are_sent_again_alone(city: Any, batch: Any, proxy: Proxy) -> None:
    sizes: list[int] = []

    def answer(request: str, body: bytes) -> tuple[int, bytes] | None:
        if "/_bulk" not in request:
            return None
        sizes.append(body.count(b"\n") // 2)
        if len(sizes) > 1:
            return None
        busy = {"create": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}}
        items = [{"create": {"status": 201}}] * 15 + [busy] * 5
        return 200, json.dumps({"errors": True, "items": items}).encode()

    proxy.answer = answer
    assert city.store(urls=(proxy.url,)).append(CORE, batch(1, range(20))).stored_events == 20
    assert sizes == [20, 5]


def test_patience_ends_and_the_batch_stays_at_its_edge(city: Any, batch: Any, proxy: Proxy) -> None:
    proxy.answer = lambda request, body: (503, b"{}") if "/_bulk" in request else None
    store = city.store(urls=(proxy.url,), patience_s=0.5)
    with pytest.raises(StoreFault, match="does not take 20 of 20 records"):
        store.append(CORE, batch(1, range(20)))
    assert store.committed("edge-1", "1") == 0
    proxy.answer = lambda request, body: None
    again = store.append(CORE, batch(1, range(20)))
    assert (again.stored_events, again.duplicates) == (20, 0)


def test_an_answer_that_is_lost_doubles_nothing(city: Any, batch: Any, proxy: Proxy) -> None:
    proxy.answer = lambda request, body: CUT if "/_bulk" in request and bulks(proxy) == 1 else None
    result = city.store(urls=(proxy.url,)).append(CORE, batch(1, range(20)))
    assert (result.stored_events, result.duplicates, len(result.new_events)) == (20, 0, 20)
    assert bulks(proxy) == 2
    assert len(city.stored()["2026.03.02"]) == 20


def test_a_request_that_is_too_large_is_halved(city: Any, batch: Any, proxy: Proxy) -> None:
    proxy.answer = lambda request, body: (413, b"{}") if "/_bulk" in request and body.count(b"\n") > 10 else None
    assert city.store(urls=(proxy.url,)).append(CORE, batch(1, range(20))).stored_events == 20
    assert len(city.stored()["2026.03.02"]) == 20


def test_an_answer_for_fewer_members_is_not_believed(city: Any, batch: Any, proxy: Proxy) -> None:
    short = json.dumps({"errors": True, "items": [{"create": {"status": 201}}]}).encode()
    proxy.answer = lambda request, body: (200, short) if "/_bulk" in request else None
    with pytest.raises(StoreFault, match="answered for 1 of 20"):
        city.store(urls=(proxy.url,)).append(CORE, batch(1, range(20)))


@pytest.fixture
def own_node(tmp_path: Path, elasticsearch_url: str) -> Iterator[ElasticsearchNode]:
    """A node that a test may kill."""
    with elasticsearch_node(tmp_path / "node") as node:
        yield node


def test_a_node_that_is_killed_and_started_again(city: Any, batch: Any, own_node: ElasticsearchNode) -> None:
    """Killed while requests are on their way; it comes back while the store is patient."""
    store = city.store(urls=(own_node.url,), patience_s=60.0)
    store.append(CORE, batch(1, range(100)))
    results = []
    requests = Proxy(own_node.url)
    with requests:
        store = city.store(urls=(requests.url,), patience_s=60.0, bulk_bytes=20_000)
        killed = threading.Event()

        def answer(request: str, body: bytes) -> None:
            if "/_bulk" in request and bulks(requests) == 4 and not killed.is_set():
                own_node.kill()
                killed.set()

        requests.answer = answer
        shipping = threading.Thread(target=lambda: results.append(store.append(CORE, batch(2, range(100, 1100)))))
        shipping.start()
        assert killed.wait(30)
        own_node.start()
        own_node.wait()
        shipping.join()
    (result,) = results
    assert (result.stored_events, result.duplicates) == (1000, 0)
    with Elasticsearch(own_node.url) as client:
        name = f"{city.settings.prefix}-events-*"
        client.indices.refresh(index=name)
        hits = client.search(index=name, size=10_000, source=False)["hits"]["hits"]
    assert len({hit["_id"] for hit in hits}) == len(hits) == 1100
