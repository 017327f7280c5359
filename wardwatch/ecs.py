"""ECS documents as events: encoded once, where they are mapped, with what stores need beside them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from wardwatch.model.records import EVENT_KEYS, Event, Position
from wardwatch.model.text import fold

Document = dict[str, Any]

_KEYS_BY_OBJECT: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (outer, tuple(key.split(".")[1] for key in EVENT_KEYS if key.startswith(f"{outer}.")))
    for outer in dict.fromkeys(key.split(".")[0] for key in EVENT_KEYS)
)
_BEGINNING = b'{"event":{'
_RESTORED = "suricata.eve."
_KEPT = frozenset({"flow_id"})
_RAW = frozenset({"payload", "packet", "frame"})
_SEARCHED = tuple(EVENT_KEYS.index(key) for key in ("rule.name", "source.ip", "destination.ip"))


def event_of(position: Position, at: datetime, units: tuple[str, ...], document: Document, original: str) -> Event:
    """The event of an ECS document, whose `event` object has at least `kind` and `dataset` and comes first in JSON."""
    about = document["event"]
    values = values_of(document)
    return Event(
        position,
        at,
        about["dataset"],
        about["kind"] == "alert",
        units,
        encoded(document),
        original,
        values,
        searchable(document.get("message"), values),
    )


def encoded(document: Document) -> bytes:
    """The document as JSON that begins with its `event` object."""
    try:
        written = orjson.dumps(document)
    except (TypeError, orjson.JSONEncodeError):
        # orjson refuses integers beyond 64 bits and lone surrogates; the standard library writes both as JSON text.
        written = json.dumps(document, separators=(",", ":"), default=str).encode()
    if written.startswith(_BEGINNING):
        return written
    first = next(iter(document))
    return written if first == "event" else encoded({"event": document["event"], **document})


def decoded(event: Event) -> Document:
    """The document again, restored, as nested dicts of its own."""
    return restored(orjson.loads(event.document), event.original)


def restored(document: Document, original: str) -> Document:
    """The document as readers see it: what it leaves to its line is read from there and put in.

    Of a Suricata event that is `suricata.eve`, the record as the sensor wrote it, but for raw bytes. Stores that kept
    it in documents as well would write half as much again.
    """
    if document.get("event", {}).get("module") != "suricata":
        return document
    try:
        eve = orjson.loads(original)
    except orjson.JSONDecodeError:
        return document
    if type(eve) is dict:
        kept = document.get("suricata", {}).get("eve", {})
        document["suricata"] = {"eve": {key: eve[key] for key in eve if key not in _RAW} | kept}
    return document


def in_line(key: str) -> str | None:
    """The key in the line that a key of the document as readers see it is left to; None for those in documents."""
    name = key.removeprefix(_RESTORED)
    return None if name == key or name in _KEPT else name


def whole(event: Event, **about: str) -> bytes:
    """The document as JSON with `event.original` and more texts of `event` (`ingested`); nothing of it is parsed."""
    added = orjson.dumps({**about, "original": event.original})
    return b"".join((_BEGINNING, added[1:-1], b",", event.document[len(_BEGINNING) :]))


def values_of(document: Document) -> tuple[str | None, ...]:
    """The texts of `EVENT_KEYS`."""
    found: list[str | None] = []
    for outer, inners in _KEYS_BY_OBJECT:
        branch = document.get(outer)
        if type(branch) is not dict:
            found.extend((None,) * len(inners))
            continue
        for inner in inners:
            value = branch.get(inner)
            found.append(value if value is None or type(value) is str else _text_of(value))
    return tuple(found)


def _text_of(value: Any) -> str | None:
    """Of a list the first."""
    if type(value) is list:
        value = value[0] if value else None
    return None if value is None else as_text(value)


def as_text(value: Any) -> str:
    """A JSON value as filters and counts see it: text as it is, everything else as JSON writes it."""
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def searchable(message: object, values: Sequence[str | None]) -> str:
    """What free text is searched in, folded: message and, of the values, rule name and addresses."""
    parts = [value for place in _SEARCHED if (value := values[place]) is not None]
    return folded(" ".join([message, *parts] if isinstance(message, str) else parts))


def folded(text: str) -> str:
    """`fold`, with the short way for the many texts that have no marks at all."""
    return text.lower() if text.isascii() else fold(text)
