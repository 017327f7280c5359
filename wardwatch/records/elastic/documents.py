"""Events as this engine keeps them: the document with the line it came from, and `record` with its position."""

import orjson

from wardwatch.ecs import whole
from wardwatch.model.records import Event
from wardwatch.records.elastic.mappings import MAX_KEYWORD

_OVERLAP = 512
"""Characters that neighbouring parts of a long text share: free text up to this length is found anywhere in it."""


def event_source(event: Event, ingested: str) -> bytes:
    """What is stored of an event, as JSON on one line; its document is not parsed again."""
    record = orjson.dumps(
        {
            "at": event.at,
            "source": event.position.source,
            "offset": event.position.offset,
            "units": event.units,
            "searchable": searchable_parts(event.searchable),
        }
    )
    return b"".join((whole(event, ingested=ingested)[:-1], b',"record":', record, b"}"))


def searchable_parts(text: str) -> str | list[str]:
    """The text as the index takes it: whole, or in overlapping parts when it is too long for one value."""
    if len(text) <= MAX_KEYWORD:
        return text
    return [text[start : start + MAX_KEYWORD] for start in range(0, len(text) - _OVERLAP, MAX_KEYWORD - _OVERLAP)]
