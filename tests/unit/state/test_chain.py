"""The links of the audit chain."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from wardwatch.model.access import Actor
from wardwatch.model.state import AuditEntry
from wardwatch.state.chain import GENESIS, canonical, holds, linked

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ENTRY = linked(1, GENESIS, AT, Actor("an", "10.0.0.9"), "user.put", "bình", {"b": [1, {"c": None}], "a": "đ"})


def test_an_entry_holds_and_equal_content_has_equal_hashes() -> None:
    assert holds(ENTRY)
    hanoi = AT.astimezone(timezone(timedelta(hours=7)))
    again = linked(1, GENESIS, hanoi, Actor("an", "10.0.0.9"), "user.put", "bình", {"a": "đ", "b": (1, {"c": None})})
    assert again == ENTRY


OTHER: dict[str, Any] = {
    "sequence": 2,
    "at": AT + timedelta(microseconds=1),
    "actor": "ân",
    "address": None,
    "action": "user.get",
    "subject": "binh",
    "detail": {"a": "đ", "b": [1, {"c": False}]},
    "previous": "1" * 64,
    "hash": "0" * 64,
}


@pytest.mark.parametrize("name", [field.name for field in fields(AuditEntry)])
def test_every_field_is_covered(name: str) -> None:
    assert not holds(replace(ENTRY, **{name: OTHER[name]}))


def test_canonical_text() -> None:
    assert canonical({"b": 1, "a": "đ", "t": AT}) == '{"a":"\\u0111","b":1,"t":"2026-03-02 08:00:00+00:00"}'
