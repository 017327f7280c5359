"""Where two engines could well differ: order, microseconds, forms of addresses, folding, lists, gaps, odd names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.ecs import event_of
from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery, LatestQuery, SeriesQuery
from wardwatch.model.records import Batch, Event, Position, SampleBlock
from wardwatch.model.time import TimeRange
from wardwatch.records.questions import write_cursor

CORE = Actor.system("core")
ALL = Scope.everything()
AT = datetime(2026, 3, 2, 6, 0, 0, 123_456, tzinfo=UTC)
DAY = TimeRange(AT - timedelta(hours=12), AT + timedelta(hours=12))
MICROSECOND = timedelta(microseconds=1)


def event(offset: int, at: datetime = AT, generation: str = "s", **document: Any) -> Event:
    document = {"event": {"kind": "event", "dataset": "x", **document.pop("event", {})}, **document}
    return event_of(Position(generation, offset), at, (), document, f"line {offset}")


def places(store: Any, **changes: Any) -> list[tuple[str, int]]:
    """Where the events of a query stand, read page by page."""
    found, cursor = [], None
    while True:
        page = store.events(ALL, EventQuery(**{"time": DAY, **changes, "cursor": cursor}))
        found += [(item.position.source, item.position.offset) for item in page.items]
        cursor = page.next
        if cursor is None:
            return found


def offsets(store: Any, key: str, *values: str) -> list[int]:
    return sorted(offset for _, offset in places(store, filters={key: values}))


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_events_of_one_instant_have_one_order(store: Any, edge: Any, limit: int) -> None:
    # Beyond 2**53 a server that thinks in doubles would mix them up.
    far = 2**62
    same = [("a", 9), ("a", 10), ("a", far), ("a", far + 1), ("B", 5), ("đ", 1), ("z", 1), ("\U0001f600", 1)]
    events = tuple(event(offset, generation=source) for source, offset in same)
    store.append(CORE, Batch(**edge.next(), events=(*events, event(1, AT + MICROSECOND), event(2, AT - MICROSECOND))))
    in_order = sorted(same, key=lambda place: (place[0].encode(), place[1]), reverse=True)
    assert places(store, limit=limit) == [("s", 1), *in_order, ("s", 2)]


def test_microseconds_bound_a_range(store: Any, edge: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=tuple(event(n, AT + n * MICROSECOND) for n in range(5))))
    middle = TimeRange(AT + MICROSECOND, AT + 3 * MICROSECOND)
    assert places(store, time=middle) == [("s", 2), ("s", 1)]
    found = store.events(ALL, EventQuery(middle)).items
    assert [item.at for item in found] == [AT + 2 * MICROSECOND, AT + MICROSECOND]


def test_the_clock_of_the_event_counts_not_its_document(store: Any, edge: Any) -> None:
    said: dict[str, Any] = {"@timestamp": "2031-01-01T00:00:00Z"}
    store.append(CORE, Batch(**edge.next(), events=(event(1, **said), event(2, **said | {"@timestamp": "yesterday"}))))
    assert places(store) == [("s", 2), ("s", 1)]
    assert store.event(ALL, Position("s", 1)).document["@timestamp"] == said["@timestamp"]


def test_times_that_no_engine_holds_are_rejected(store: Any, edge: Any) -> None:
    first, late = datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 4, 10, 23, 59, 59, 999_999, tzinfo=UTC)
    too_early, too_late = first - MICROSECOND, datetime(2262, 4, 11, tzinfo=UTC)
    times = (first, late, too_early, too_late, datetime(9999, 12, 31, tzinfo=UTC))
    result = store.append(CORE, Batch(**edge.next(), events=tuple(event(n, at) for n, at in enumerate(times))))
    assert (result.stored_events, result.rejected) == (2, 3)
    ever = TimeRange(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert places(store, time=ever, limit=1) == [("s", 1), ("s", 0)]
    block = SampleBlock("device", "r1", "w1", too_early, ("",), {"up": (1.0,)})
    assert store.append(CORE, Batch(**edge.next(), blocks=(block,))).rejected == 1


def test_the_forms_of_an_address_are_one(store: Any, edge: Any) -> None:
    forms = ("10.1.2.3", "::ffff:10.1.2.3", "fe80::1", "fe80:0000:0000:0000:0000:0000:0000:0001")
    events = [event(n, source={"ip": form}, related={"ip": [form, "10.9.9.9"]}) for n, form in enumerate(forms)]
    store.append(CORE, Batch(**edge.next(), events=(*events, event(9))))
    for one in forms[:2]:
        assert offsets(store, "source.ip", one) == [0, 1]
        assert offsets(store, "related.ip", one) == [0, 1]
    assert offsets(store, "related.ip", "fe80:0::1") == offsets(store, "source.ip", "FE80::1") == [2, 3]
    assert offsets(store, "source.ip", "10.1.2.0/24", "x", "", "10.1.2.03", "fe80::1%eth0") == []
    assert store.count(ALL, EventQuery(DAY), "source.ip") == {"10.1.2.3": 2, "fe80::1": 2, "": 1}
    assert store.count(ALL, EventQuery(DAY), "related.ip") == {"10.9.9.9": 4, "10.1.2.3": 2, "fe80::1": 2, "": 1}


def test_numbers_and_booleans_are_filtered_as_written(store: Any, edge: Any) -> None:
    events = (
        event(1, destination={"port": 80}, tls={"resumed": True}),
        event(2, destination={"port": 443}, tls={"resumed": False}),
        event(3, destination={"bytes": 2**63 - 1}),
    )
    store.append(CORE, Batch(**edge.next(), events=events))
    assert offsets(store, "destination.port", "80", "8") == [1]
    assert offsets(store, "destination.port", "080", "80.0", "+80", "eighty", "", str(2**64), "80 ") == []
    assert offsets(store, "destination.bytes", str(2**63 - 1)) == [3]
    assert offsets(store, "tls.resumed", "false") == [2]
    assert offsets(store, "tls.resumed", "False", "0", "") == []
    assert store.count(ALL, EventQuery(DAY), "destination.port") == {"": 1, "443": 1, "80": 1}
    assert store.count(ALL, EventQuery(DAY), "tls.resumed") == {"": 1, "false": 1, "true": 1}


def test_text_is_found_folded_and_literally(store: Any, edge: Any) -> None:
    long = "a" * 9_000 + " giữa " + "b" * 9_000 + " cuối"
    messages = ("Đăng nhập ĐỐNG ĐA", '100% *sure?* [a-z] \\d+ "q"', long, "Straße", "e\u0301te\u0301")
    store.append(CORE, Batch(**edge.next(), events=tuple(event(n, message=each) for n, each in enumerate(messages))))

    def found(text: str) -> list[int]:
        return sorted(offset for _, offset in places(store, text=text))

    assert found("dang nhap") == found("ĐĂNG") == found("nhập đống") == [0]
    assert found("*sure?*") == found("[a-z] \\d+") == found('"Q"') == [1]
    assert found("s?re") == found("*zzz*") == []
    assert found("\\") == [1]
    assert found("aa giua bb") == found("b cuoi") == [2]
    assert found("STRASSE") == [3]
    assert found("été") == [4]
    assert found("  ") == [0, 1, 2, 3, 4]


def test_a_value_in_a_list_counts_once_an_event(store: Any, edge: Any) -> None:
    def hosts(n: int, value: Any) -> Event:
        return event(n, related={"hosts": value})

    values: tuple[Any, ...] = (["a", "a", "b"], [None], [], [None, "b"], "a", "", None)
    store.append(CORE, Batch(**edge.next(), events=tuple(hosts(n, value) for n, value in enumerate(values))))
    assert store.count(ALL, EventQuery(DAY), "related.hosts") == {"": 4, "a": 2, "b": 2}
    assert offsets(store, "related.hosts", "a") == [0, 4]
    assert offsets(store, "related.hosts", "b", "c") == [0, 3]
    assert offsets(store, "related.hosts", "") == [5]


def test_more_values_than_one_answer_of_a_server_holds(store: Any, edge: Any) -> None:
    events = tuple(event(n, generation=f"s{n % 7}", destination={"port": n}) for n in range(5_300))
    store.append(CORE, Batch(**edge.next(), events=events))
    counts = store.count(ALL, EventQuery(DAY), "destination.port")
    assert counts == {str(n): 1 for n in range(5_300)}
    assert len(store.events(ALL, EventQuery(DAY, limit=10_000)).items) == 5_300


@pytest.mark.parametrize("name", ["*", "a,b", "Drill", "-x", "..", "x" * 300, "a b", "default-2026.03.02", "đ", ""])
def test_a_namespace_is_only_itself(store: Any, edge: Any, name: str) -> None:
    store.append(CORE, Batch(**edge.next(), events=(event(1),)))
    assert places(store, namespace=name) == []
    assert store.count(ALL, EventQuery(DAY, namespace=name), "event.kind") == {}
    store.append(CORE, Batch(**edge.next(), namespace=name, events=(event(2),)))
    assert places(store, namespace=name) == [("s", 2)]
    assert places(store) == [("s", 1)]


@pytest.mark.parametrize(
    "cursor", ["%%%", "é", "e30", "W10", "WzEsMiwzXQ", write_cursor((AT, "s", -1)), write_cursor((AT, "s", 1))[:-2]]
)
def test_a_cursor_that_is_not_ours_is_refused(store: Any, cursor: str) -> None:
    with pytest.raises(UserError, match="no cursor"):
        store.events(ALL, EventQuery(DAY, cursor=cursor))


def test_a_cursor_stays_good_while_events_arrive(store: Any, edge: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=tuple(event(n, AT + n * MICROSECOND) for n in range(6))))
    first = store.events(ALL, EventQuery(DAY, limit=3))
    store.append(CORE, Batch(**edge.next(), events=(event(7, AT + timedelta(hours=1)), event(8, AT - MICROSECOND))))
    rest = store.events(ALL, EventQuery(DAY, cursor=first.next))
    assert [item.position.offset for item in (*first.items, *rest.items)] == [5, 4, 3, 2, 1, 0, 8]


def test_an_empty_store_answers_nothing(store: Any) -> None:
    assert places(store) == []
    assert store.event(ALL, Position("s", 1)) is None
    assert store.count(ALL, EventQuery(DAY), "rule.id") == {}
    assert store.latest(ALL, LatestQuery("interface", AT)) == []
    assert store.series(ALL, SeriesQuery("device", "r", "", ("up",), DAY, timedelta(minutes=1))).at == ()


def samples(minute: float, value: float | None, index: str = "", device: str = "r1") -> SampleBlock:
    at = AT.replace(microsecond=0) + timedelta(minutes=minute)
    return SampleBlock("device", device, "w1", at, (index,), {"poll_ms": (value,)})


def test_steps_are_aligned_with_the_epoch(store: Any, edge: Any) -> None:
    store.append(CORE, Batch(**edge.next(), blocks=tuple(samples(n, float(n)) for n in (0, 1, 6, 7, 8, 20))))
    time = TimeRange(AT + timedelta(seconds=30), AT + timedelta(hours=2))
    answer = store.series(ALL, SeriesQuery("device", "r1", "", ("poll_ms", "up"), time, timedelta(minutes=7)))
    seven = timedelta(minutes=7).total_seconds()
    assert all(at.timestamp() % seven == 0 for at in answer.at)
    assert sum(value or 0 for value in answer.columns["poll_ms"]) > 0
    assert answer.columns["up"] == (None,) * len(answer.at)
    for step in (timedelta(microseconds=1), timedelta(microseconds=1500), -timedelta(minutes=1)):
        with pytest.raises(UserError, match="steps"):
            store.series(ALL, SeriesQuery("device", "r1", "", ("up",), time, step))


def test_the_newest_row_is_whole_and_in_order(store: Any, edge: Any) -> None:
    blocks = (
        samples(0, 1.0, "10"),
        samples(1, None, "10"),
        samples(0, 2.5, "9", "Đ"),
        samples(0, 0.0, "", "R"),
        samples(3, 1e300, "ổ", "r1"),
    )
    store.append(CORE, Batch(**edge.next(), blocks=blocks))
    rows = store.latest(ALL, LatestQuery("device", AT - timedelta(minutes=1)))
    assert [(row.device, row.index, row.values["poll_ms"]) for row in rows] == [
        ("R", "", 0.0),
        ("r1", "10", None),
        ("r1", "ổ", 1e300),
        ("Đ", "9", 2.5),
    ]
