"""Appending to a real node: what is refused is kept whole, what somebody broke is made again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Outcome, PollOutcome, SampleBlock
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
FAR = (2**63 - 1, 2**64 - 1)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def samples(at: datetime, *values: float | None) -> SampleBlock:
    index = tuple(str(number) for number in range(len(values)))
    return SampleBlock("interface", "r1", "w1", at, index, {"in_bps": tuple(values)})


def test_large_batches_go_in_several_requests(city: Any, batch: Any) -> None:
    store = city.store(bulk_bytes=2_000)
    result = store.append(CORE, batch(1, range(100)))
    assert (result.stored_events, len(result.new_events)) == (100, 100)
    assert len(city.stored()["2026.03.02"]) == 100


def test_a_document_the_mapping_refuses_is_kept_whole_with_its_reason(city: Any, event: Any) -> None:
    wrong = event(2, source="an address, not an object")
    result = city.store().append(CORE, Batch("edge-1", "1", 1, events=(event(1), wrong, event(3))))
    assert (result.stored_events, result.rejected) == (2, 1)
    assert wrong.position not in result.new_events
    (kept,) = city.documents("rejected")
    assert kept["original"] == wrong.original
    assert kept["record"] == {"source": "eve-1", "offset": 2}
    assert "source" in kept["reason"]


def test_a_document_cannot_smuggle_commands_into_the_request(city: Any, event: Any) -> None:
    attack = b'{"event":{"kind":"event"}}\n{"delete":{"_index":"x","_id":"1"}}\n{"event":{}}'
    hostile = event(2)._replace(document=attack)
    result = city.store().append(CORE, Batch("edge-1", "1", 1, events=(event(1), hostile)))
    assert (result.stored_events, result.rejected) == (1, 1)
    assert city.documents("rejected")[0]["original"] == hostile.original


def test_a_deleted_index_is_made_again_with_its_mapping(city: Any, batch: Any, caplog: Any) -> None:
    store = city.store()
    store.append(CORE, batch(1, range(3)))
    (name,) = city.indices()
    mapping = city.client.indices.get_mapping(index=name).body[name]
    city.client.indices.delete(index=name)
    assert store.append(CORE, batch(2, range(3, 6))).stored_events == 3
    assert city.client.indices.get_mapping(index=name).body[name] == mapping
    assert "deleted by somebody" in caplog.text
    query = EventQuery(TimeRange(NOON, NOON + timedelta(hours=1)))
    assert [item.position.offset for item in store.events(Scope.everything(), query).items] == [5, 4, 3]


def test_aliases_that_somebody_took_are_given_again(city: Any, batch: Any) -> None:
    store = city.store()
    store.append(CORE, batch(1, range(3)))
    (name,) = city.indices()
    aliases = city.client.indices.get_alias(index=name).body
    city.client.indices.delete_alias(index=name, name="*")
    assert store.append(CORE, batch(2, range(3, 6))).stored_events == 3
    assert city.client.indices.get_alias(index=name).body[name]["aliases"].keys() == aliases[name]["aliases"].keys()
    assert len(city.stored()["2026.03.02"]) == 6


def test_an_index_that_is_not_ours_is_left_alone(city: Any, batch: Any) -> None:
    name = f"{city.settings.prefix}-events-default-2026.03.02"
    city.client.indices.create(index=name)
    with pytest.raises(StoreFault, match="was not made by WardWatch"):
        city.store().append(CORE, batch(1, range(3)))
    assert city.client.count(index=name)["count"] == 0


def test_samples_are_stored_once_and_wrong_clocks_are_refused(city: Any) -> None:
    blocks = (
        samples(NOON, 1.0, None, float("nan"), float("inf")),
        samples(NOON, 1.0),
        samples(NOON - timedelta(days=3), 4.0),
        samples(datetime(1970, 1, 1, tzinfo=UTC), 2.0),
        samples(datetime(2100, 1, 1, tzinfo=UTC), 2.0),
        samples(NOON - timedelta(days=401), 2.0),
    )
    result = city.store().append(CORE, Batch("edge-1", "1", 1, blocks=blocks))
    assert (result.stored_samples, result.rejected) == (6, 3)
    found = city.documents("samples_interface")
    assert sorted((one["@timestamp"][:10], one["metric_index"], one.get("in_bps")) for one in found) == [
        ("2026-02-27", "0", 4.0),
        ("2026-03-02", "0", 1.0),
        ("2026-03-02", "1", None),
        ("2026-03-02", "2", None),
        ("2026-03-02", "3", None),
    ]
    reasons = sorted(one["reason"] for one in city.documents("rejected"))
    assert [("before what is kept" in reason, "ahead" in reason) for reason in reasons] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_outcomes_are_stored_once(city: Any) -> None:
    outcome = PollOutcome("r1", "w1", NOON, Outcome.TIMEOUT, 5000.0, 12, "no answer")
    shipped = Batch("edge-1", "1", 1, outcomes=(outcome, outcome))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(city.state.shipping, "commit", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            city.store().append(CORE, shipped)
    city.store().append(CORE, shipped)
    assert [one["outcome"] for one in city.documents("outcomes")] == ["timeout", "timeout"]


def test_a_line_of_ten_megabytes_goes_alone(city: Any, event: Any) -> None:
    large = event(5)._replace(original=json.dumps({"x": "y" * 10_000_000}))
    result = city.store().append(CORE, Batch("edge-1", "1", 1, events=(event(1), large, event(20_000_000))))
    assert result.stored_events == 3


def test_a_line_at_an_offset_no_file_has_is_refused_with_its_reason(city: Any, event: Any) -> None:
    far = [event(1) for _ in range(2)]
    far = [one._replace(position=one.position._replace(offset=offset)) for one, offset in zip(far, FAR, strict=True)]
    result = city.store().append(CORE, Batch("edge-1", "1", 1, events=(event(1), *far), read={"eve-1": 3}))
    assert (result.stored_events, result.rejected) == (1, 2)
    kept = city.documents("rejected")
    assert sorted(line["original"] for line in kept) == sorted(line.original for line in far)
    assert all("is none that a file can have" in line["reason"] for line in kept)
    assert city.store().append(CORE, Batch("edge-1", "1", 2, events=(event(5),))).stored_events == 1


def test_requests_under_way_together_refuse_and_repair_as_one(city: Any, event: Any) -> None:
    store = city.store(bulk_bytes=2_000)
    store.append(CORE, Batch("edge-1", "1", 1, events=(event(0),)))
    (name,) = city.indices()
    city.client.indices.delete(index=name)
    wrong = {number: event(number, source="an address, not an object") for number in range(10, 200, 10)}
    events = tuple(wrong.get(number) or event(number) for number in range(1, 200))
    result = store.append(CORE, Batch("edge-1", "1", 2, events=events))
    assert (result.stored_events, result.rejected) == (180, 19)
    assert {line["record"]["offset"] for line in city.documents("rejected")} == set(wrong)
    assert store.troubles()["indices_made_again"] == 1
