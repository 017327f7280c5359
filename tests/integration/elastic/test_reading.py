"""Reading where Elasticsearch has its own ways: what is indexed, what it refuses, portions, deleted indices, faults."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.bench.elasticsearch_proxy import Proxy
from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery, LatestQuery, SeriesQuery
from wardwatch.model.records import Batch, Position, SampleBlock
from wardwatch.model.time import TimeRange
from wardwatch.records.elastic.client import connected
from wardwatch.records.elastic.events import EventReader
from wardwatch.records.elastic.visibility import Visibility

CORE = Actor.system("core")
ALL = Scope.everything()
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = EventQuery(TimeRange(NOON - timedelta(hours=1), NOON + timedelta(hours=1)))
SINCE = NOON - timedelta(hours=1)


def offsets(store: Any, **filters: tuple[str, ...]) -> list[int]:
    query = EventQuery(DAY.time, filters={key.replace("__", "."): values for key, values in filters.items()})
    return sorted(item.position.offset for item in store.events(ALL, query).items)


def samples(minute: int, devices: int = 3, indices: int = 2) -> tuple[SampleBlock, ...]:
    at = NOON + timedelta(minutes=minute)
    keys = tuple(str(n) for n in range(indices))
    return tuple(
        SampleBlock("interface", f"r{n}", "w1", at, keys, {"in_bps": (float(minute),) * indices})
        for n in range(devices)
    )


@pytest.mark.parametrize("key", ["http.request.referrer", "suricata.eve.tcp.state", "event.original", "record.units"])
def test_a_key_that_is_not_indexed_is_refused_with_those_that_are(city: Any, key: str) -> None:
    store = city.store()
    with pytest.raises(UserError, match="not indexed by") as refusal:
        store.events(ALL, EventQuery(DAY.time, filters={key: ("x",)}))
    assert "rule.id" in (refusal.value.hint or "")
    with pytest.raises(UserError, match="not indexed by"):
        store.count(ALL, DAY, key)


def test_values_of_a_wrong_type_do_not_cost_the_event(city: Any, event: Any) -> None:
    hostile = (
        event(1, source={"ip": "nowhere", "port": "http", "bytes": 2**64}, tls={"resumed": "perhaps"}),
        event(2, rule={"id": 7, "name": "n" * 40_000}, related={"hosts": ["a", 1, True]}),
        event(3, suricata={"eve": {"flow_id": "9", "flow_id.x": {"y": 1}, "a..b": 1, ".": [], "z.": None, "alert": 5}}),
        event(4, **{"@timestamp": "the day before"}),
    )
    store = city.store()
    result = store.append(CORE, Batch("edge-1", "1", 1, events=hostile))
    assert (result.stored_events, result.rejected) == (4, 0)
    assert offsets(store, rule__id=("7",)) == [2]
    assert offsets(store, suricata__eve__flow_id=("9",)) == [3]
    assert store.count(ALL, DAY, "source.ip") == {"": 4}
    assert store.event(ALL, Position("eve-1", 1)).document["source"]["bytes"] == pytest.approx(2**64)


def test_what_the_mapping_refuses_is_kept_whole_with_its_reason(city: Any, event: Any) -> None:
    broken = (event(1, rule="a word"), event(2, suricata={"eve": {"": 1}}), event(3, source={"ip": {"a": 1}}))
    store = city.store()
    result = store.append(CORE, Batch("edge-1", "1", 1, events=(*broken, event(4))))
    assert (result.stored_events, result.rejected) == (1, 3)
    kept = {line["record"]["offset"]: line for line in city.documents("rejected")}
    assert {offset: line["original"] for offset, line in kept.items()} == {n: f'{{"n":{n}}}' for n in (1, 2, 3)}
    assert all("document_parsing_exception" in line["reason"] for line in kept.values())


def test_counts_are_whole_however_the_server_gives_them(city: Any, event: Any) -> None:
    events = tuple(event(n, destination={"port": n // 2}) for n in range(100))
    city.store().append(CORE, Batch("edge-1", "1", 1, events=(*events, event(100))))
    with connected(city.settings) as client:
        reader = EventReader(client, city.settings.prefix, Visibility(client, city.settings), values_a_request=7)
        assert reader.count(ALL, DAY, "destination.port") == {**{str(n): 2 for n in range(50)}, "": 1}


def test_an_event_just_appended_is_found_though_pages_may_wait(city: Any, event: Any) -> None:
    store = city.store(refresh_s=3600.0)
    store.append(CORE, Batch("edge-1", "1", 1, events=(event(1),)))
    assert [item.position.offset for item in store.events(ALL, DAY).items] == [1]
    store.append(CORE, Batch("edge-1", "1", 2, events=(event(2),)))
    assert [item.position.offset for item in store.events(ALL, DAY).items] == [1]
    assert store.event(ALL, Position("eve-1", 2)) is not None
    assert [item.position.offset for item in store.events(ALL, DAY).items] == [2, 1]


def test_a_deleted_index_is_an_empty_one(city: Any, event: Any) -> None:
    store = city.store()
    store.append(CORE, Batch("edge-1", "1", 1, events=(event(1),), blocks=samples(0)))
    for name in city.indices():
        city.client.indices.delete(index=name)
    assert store.events(ALL, DAY).items == ()
    assert store.event(ALL, Position("eve-1", 1)) is None
    assert store.count(ALL, DAY, "rule.id") == {}
    series = SeriesQuery("interface", "r1", "1", ("in_bps",), DAY.time, timedelta(minutes=1))
    assert store.series(ALL, series).at == ()
    assert store.latest(ALL, LatestQuery("interface", SINCE, ("r1",))) == []


def test_the_newest_rows_before_and_after_a_restart(city: Any) -> None:
    store = city.store()
    for minute in range(5):
        # One interface fewer every minute: each stays with the row it had last.
        store.append(CORE, Batch("edge-1", "1", minute + 1, blocks=samples(minute, indices=150 - minute)))
    everything = LatestQuery("interface", SINCE)
    expected = {("r1", str(n)): float(min(4, 149 - n)) for n in range(150)}

    def seen(of: Any, query: LatestQuery) -> dict[tuple[str, str], float]:
        return {(row.device, row.index): row.values["in_bps"] for row in of.latest(ALL, query) if row.device == "r1"}

    for opened in (store, city.store()):
        assert seen(opened, LatestQuery("interface", SINCE, ("r1",))) == expected
        assert len(opened.latest(ALL, everything)) == 450
        assert seen(opened, everything) == expected
    store.append(CORE, Batch("edge-1", "1", 6, blocks=samples(30, devices=2, indices=1)))
    assert seen(store, everything) == {**expected, ("r1", "0"): 30.0}
    assert store.latest(Scope.of("w2"), everything) == []


@pytest.mark.parametrize("status", [429, 500])
def test_a_server_that_fails_is_a_fault_with_a_hint(city: Any, elasticsearch_url: str, status: int) -> None:
    with Proxy(elasticsearch_url) as proxy:
        store = city.store(urls=(proxy.url,))
        proxy.answer = lambda request, body: (status, b'{"error":{"type":"broken","reason":"by the test"}}')
        series = SeriesQuery("interface", "r1", "1", ("in_bps",), DAY.time, timedelta(minutes=1))
        asked: tuple[Callable[[], object], ...] = (
            lambda: store.events(ALL, DAY),
            lambda: store.event(ALL, Position("eve-1", 1)),
            lambda: store.count(ALL, DAY, "rule.id"),
            lambda: store.series(ALL, series),
            lambda: store.latest(ALL, LatestQuery("interface", SINCE)),
        )
        for ask in asked:
            with pytest.raises(StoreFault, match="broken: by the test") as fault:
                ask()
            assert fault.value.hint
