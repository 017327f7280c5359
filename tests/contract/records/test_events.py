"""Events: stored once, found by time, fields, text and scope, before and after they are sealed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.ecs import decoded, event_of
from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Event, Position, Rejected, SourceProgress
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
ALL = Scope.everything()
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = TimeRange(START - timedelta(hours=12), START + timedelta(hours=12))


def event(
    offset: int, *, generation: str = "eve-1", at: datetime | None = None, units: tuple[str, ...] = (), **document: Any
) -> Event:
    at = at or START + timedelta(minutes=offset)
    dataset = document.get("dataset", "suricata.alert")
    kind = "alert" if dataset.endswith("alert") else "event"
    document = {"event": {"kind": kind, "dataset": dataset, **document.pop("event", {})}, **document}
    document.pop("dataset", None)
    original = f'{{"event_type":"alert","n":{offset},"name":"Phường Cửa Đông"}}'
    return event_of(Position(generation, offset), at, units, document, original)


def query(**changes: Any) -> EventQuery:
    return EventQuery(**{"time": DAY, **changes})


def offsets(page: Any) -> list[int]:
    return [item.position.offset for item in page.items]


@pytest.fixture(params=["hot", "sealed", "mixed"])
def settle(request: Any, engine: Any, store: Any, clock: Any) -> Any:
    """What happens between two appends and before reading: nothing, sealing, or sealing of the first half."""
    if request.param != "hot" and not engine.seals:
        pytest.skip("this engine does not seal")
    calls = 0

    def settle() -> None:
        nonlocal calls
        calls += 1
        if request.param == "sealed" or (request.param == "mixed" and calls == 1):
            assert store.seal(clock() + timedelta(hours=12)) > 0

    return settle


def test_an_event_comes_back_whole(store: Any, edge: Any, settle: Any, clock: Any) -> None:
    stored = event(5, units=("w1",), message="Quét cổng", numbers={"big": 2**64 + 1, "list": [1, "a", None]})
    result = store.append(CORE, Batch(**edge.next(), events=(stored,)))
    settle()
    assert (result.stored_events, result.new_events) == (1, (stored.position,))
    (item,) = store.events(ALL, query()).items
    assert item.position == stored.position
    assert item.at == stored.at
    document = decoded(stored)
    expected = {**document, "event": {**document["event"], "original": stored.original}}
    ingested = item.document["event"].pop("ingested")
    assert datetime.fromisoformat(ingested) == clock()
    assert item.document["numbers"]["list"] == [1, "a", None]
    assert item.document["event"] == expected["event"]
    assert item.document["message"] == "Quét cổng"
    assert store.event(ALL, stored.position).at == stored.at
    assert store.event(ALL, Position("eve-1", 6)) is None


def test_the_same_position_is_stored_once(store: Any, edge: Any, settle: Any) -> None:
    first = tuple(event(n) for n in range(10))
    assert store.append(CORE, Batch(**edge.next(), events=first)).stored_events == 10
    settle()
    again = store.append(
        CORE, Batch(**edge.next(), events=(*first, event(10), event(10), event(4, generation="eve-2")))
    )
    assert (again.stored_events, again.duplicates) == (2, 11)
    settle()
    once_more = store.append(CORE, Batch(**edge.next(), events=(event(10), event(3), event(4, generation="eve-2"))))
    assert (once_more.stored_events, once_more.duplicates) == (0, 3)
    assert sorted(offsets(store.events(ALL, query()))) == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10]


def test_a_gap_in_a_source_is_filled(store: Any, edge: Any, settle: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=(event(1), event(9))))
    settle()
    result = store.append(CORE, Batch(**edge.next(), events=(event(1), event(5), event(9))))
    assert (result.stored_events, result.duplicates, result.new_events) == (1, 2, (Position("eve-1", 5),))


def test_pages_are_newest_first_and_complete(store: Any, edge: Any, settle: Any) -> None:
    same = START + timedelta(minutes=3)
    store.append(CORE, Batch(**edge.next(), events=tuple(event(n) for n in range(7))))
    settle()
    store.append(CORE, Batch(**edge.next(), events=tuple(event(n, at=same) for n in range(7, 20))))
    settle()
    whole = store.events(ALL, query(limit=100))
    assert whole.next is None
    assert [item.at for item in whole.items] == sorted((item.at for item in whole.items), reverse=True)
    paged, cursor = [], None
    while True:
        page = store.events(ALL, query(limit=3, cursor=cursor))
        paged += offsets(page)
        cursor = page.next
        if cursor is None:
            break
    assert paged == offsets(whole)
    assert sorted(paged) == list(range(20))


def test_a_foreign_cursor_is_refused(store: Any) -> None:
    with pytest.raises(UserError, match="no cursor"):
        store.events(ALL, query(cursor="nonsense"))


def test_filters_and_text(store: Any, edge: Any, settle: Any) -> None:
    store.append(
        CORE,
        Batch(
            **edge.next(),
            events=(
                event(1, rule={"id": "2001", "name": "Dò quét cổng Đống Đa"}, source={"ip": "10.1.2.3", "port": 55}),
                event(2, rule={"id": "2002", "name": "SQL injection"}, destination={"ip": "10.1.2.3"}),
                event(3, dataset="suricata.dns", dns={"question": {"name": "abc.vn"}, "header_flags": ["AA", "RD"]}),
                event(4, dataset="suricata.dns", units=("w1", "w2"), dns={"header_flags": "RD"}, tls={"resumed": True}),
            ),
        ),
    )
    settle()

    def found(**filters: tuple[str, ...]) -> list[int]:
        return offsets(store.events(ALL, query(filters={key.replace("__", "."): v for key, v in filters.items()})))

    assert found(rule__id=("2001", "9")) == [1]
    assert found(event__dataset=("suricata.dns",)) == [4, 3]
    assert found(source__ip=("10.1.2.3",)) == [1]
    assert found(source__port=("55",)) == [1]
    assert found(dns__question__name=("abc.vn",)) == [3]
    assert found(dns__header_flags=("RD",)) == [4, 3]
    assert found(dns__header_flags=("AA", "ZZ")) == [3]
    assert found(tls__resumed=("true",)) == [4]
    assert found(units=("w2",)) == [4]
    assert found(rule__id=()) == []
    assert found(event__dataset=("suricata.dns",), dns__header_flags=("AA",)) == [3]
    assert offsets(store.events(ALL, query(text="dong da"))) == [1]
    assert offsets(store.events(ALL, query(text="ĐỐNG"))) == [1]
    assert offsets(store.events(ALL, query(text="10.1.2"))) == [2, 1]
    assert offsets(store.events(ALL, query(text="100%_"))) == []


@pytest.mark.parametrize("key", ["rule.name' OR 1=1 --", "", "a..b", 'a"b', "a.b[0]", "$.a"])
def test_a_key_that_is_no_word_is_refused(store: Any, key: str) -> None:
    with pytest.raises(UserError, match="no field name"):
        store.events(ALL, query(filters={key: ("x",)}))
    with pytest.raises(UserError, match="no field name"):
        store.count(ALL, query(), key)


def test_counts(store: Any, edge: Any, settle: Any) -> None:
    first = tuple(event(n, dataset="suricata.dns", dns={"header_flags": ["AA", "RD"]}) for n in range(3))
    store.append(CORE, Batch(**edge.next(), events=first))
    settle()
    rest = (event(8, rule={"id": "7"}, units=("w1", "w2")), event(9, units=("w2",), dns={"header_flags": []}))
    store.append(CORE, Batch(**edge.next(), events=rest))
    assert store.count(ALL, query(), "event.dataset") == {"suricata.dns": 3, "suricata.alert": 2}
    assert store.count(ALL, query(), "rule.id") == {"": 4, "7": 1}
    assert store.count(ALL, query(), "dns.header_flags") == {"AA": 3, "RD": 3, "": 2}
    assert store.count(ALL, query(), "units") == {"": 3, "w1": 1, "w2": 2}
    assert store.count(ALL, query(filters={"rule.id": ("7",)}), "event.dataset") == {"suricata.alert": 1}
    assert store.count(ALL, query(namespace="drill-1"), "event.dataset") == {}


def test_a_scope_sees_its_own_units_only(store: Any, edge: Any, settle: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=(event(1, units=("w1",)), event(2, units=("w2", "w1")), event(3))))
    settle()
    assert offsets(store.events(Scope.of("w1"), query())) == [2, 1]
    assert offsets(store.events(Scope.of("w2"), query())) == [2]
    assert offsets(store.events(Scope.of(), query())) == []
    assert offsets(store.events(ALL, query())) == [3, 2, 1]
    assert store.count(Scope.of("w2"), query(), "event.dataset") == {"suricata.alert": 1}
    assert store.event(Scope.of("w2"), Position("eve-1", 1)) is None
    assert store.event(Scope.of("w2"), Position("eve-1", 2)) is not None
    assert store.event(Scope.of("w2"), Position("eve-1", 3)) is None


def test_time_ranges_are_half_open_and_namespaces_apart(store: Any, edge: Any, settle: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=(event(1), event(2), event(3))))
    store.append(CORE, Batch(**edge.next(), namespace="drill-1", events=(event(2, generation="drill"),)))
    settle()
    minute = timedelta(minutes=1)
    assert offsets(store.events(ALL, query(time=TimeRange(START + minute, START + 3 * minute)))) == [2, 1]
    assert [item.position.source for item in store.events(ALL, query(namespace="drill-1")).items] == ["drill"]


def test_rejected_lines_are_counted_once(store: Any, edge: Any, settle: Any) -> None:
    bad = Rejected(Position("eve-1", 77), START, "line 3 is no JSON", "{broken \\xff")
    assert store.append(CORE, Batch(**edge.next(), rejected=(bad,), events=(event(80),))).rejected == 1
    settle()
    again = store.append(CORE, Batch(**edge.next(), rejected=(bad,), events=(event(80),)))
    assert (again.rejected, again.stored_events, again.duplicates) == (0, 0, 2)


def test_a_member_that_cannot_be_stored_does_not_stop_the_others(store: Any, edge: Any) -> None:
    broken = event(2)._replace(original="raw \ud800")
    result = store.append(CORE, Batch(**edge.next(), events=(event(1), broken, event(3, message="nul \x00 inside"))))
    assert (result.stored_events, result.rejected) == (2, 1)
    assert offsets(store.events(ALL, query())) == [3, 1]
    assert store.events(ALL, query()).items[0].document["message"] == "nul \x00 inside"


def test_hostile_clocks_and_depth(engine: Any, store: Any, edge: Any, clock: Any) -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"d": deep}
    times = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), START]
    events = tuple(event(n, at=at, deep=deep) for n, at in enumerate(times))
    assert store.append(CORE, Batch(**edge.next(), events=events)).stored_events == 3
    assert store.seal(clock() + timedelta(days=1)) == (3 if engine.seals else 0)
    forever = TimeRange(datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
    assert offsets(store.events(ALL, query(time=forever))) == [1, 2, 0]


def test_progress_moves_with_the_records(engine: Any, store: Any, edge: Any) -> None:
    assert store.progress("eve-1") is None
    reached = SourceProgress("eve-1", 120, "/var/log/eve.json", "abc")
    store.append(CORE, Batch(**edge.next(), events=(event(1), event(2, generation="import")), progress=(reached,)))
    assert store.progress("eve-1") == reached
    assert store.sources() == [reached]
    later = SourceProgress("eve-1", 240, "/var/log/eve.json.1", "abc")
    store.append(CORE, Batch(**edge.next(), progress=(later,)))
    again = engine.restart()
    assert again.progress("eve-1") == later
    assert again.progress("import") is None
    assert again.append(CORE, Batch(**edge.next(), events=(event(1),))).duplicates == 1


def test_the_record_of_a_sensor_is_read_from_its_line(store: Any, edge: Any, settle: Any) -> None:
    line = '{"event_type":"ssh","flow_id":7,"payload":"AA==","ssh":{"client":{"software":"OpenSSH"}},"n":[1,2]}'
    about = {"kind": "event", "dataset": "suricata.ssh", "module": "suricata"}
    document = {"event": about, "suricata": {"eve": {"flow_id": "7"}}}
    whole = event_of(Position("eve-1", 1), START, (), document, line)
    torn = event_of(Position("eve-1", 2), START, (), document, line[:40])
    store.append(CORE, Batch(**edge.next(), events=(whole, torn)))
    settle()
    assert store.event(ALL, whole.position).document["suricata"]["eve"] == {
        "event_type": "ssh",
        "flow_id": "7",
        "ssh": {"client": {"software": "OpenSSH"}},
        "n": [1, 2],
    }
    assert store.event(ALL, torn.position).document["suricata"]["eve"] == {"flow_id": "7"}
    assert store.count(ALL, query(), "suricata.eve.flow_id") == {"7": 2}
