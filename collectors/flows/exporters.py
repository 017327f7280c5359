"""What is known of each exporter: its templates, its sequence, and what of it could not be used."""

from collections import OrderedDict
from dataclasses import dataclass, field

from collectors.flows.packets import Malformed, Outside, Protocol, outside

_WRAP = 1 << 32
_JUMP = 100_000
"""A sequence that is further away than this was begun anew."""
_TEMPLATES = 1_000
_STREAMS = 64


@dataclass(slots=True)
class _Stream:
    """One numbering of an exporter: a domain of a protocol."""

    expected: int | None = None
    templates: OrderedDict[int, int] = field(default_factory=OrderedDict)


@dataclass(slots=True)
class ExporterCounts:
    """What an exporter sent. `lost` counts in the exporter's own units: datagrams (v9, sFlow), records (v5, IPFIX)."""

    datagrams: int = 0
    lost: int = 0
    late: int = 0
    begun_anew: int = 0
    templates_missing: int = 0
    malformed: int = 0


class Exporter:
    """One address that exports. What it may make us keep is bounded: templates and streams, the oldest go first."""

    def __init__(self) -> None:
        self.counts = ExporterCounts()
        self._streams: OrderedDict[tuple[Protocol, int], _Stream] = OrderedDict()

    def look(self, data: bytes) -> Outside:
        """Counts a packet. Raises `Malformed` for one that must not go further."""
        self.counts.datagrams += 1
        try:
            seen = outside(data)
        except Malformed:
            self.counts.malformed += 1
            raise
        stream = self._stream(seen)
        for number, length in seen.templates.items():
            stream.templates.pop(number, None)
            stream.templates[number] = length
        while len(stream.templates) > _TEMPLATES:
            stream.templates.popitem(last=False)
        self.counts.templates_missing += sum(each.template not in stream.templates for each in seen.data)
        self._follow(stream, seen)
        return seen

    def forget(self) -> None:
        """The decoder begins anew: it knows no template any more, so none is known."""
        self._streams.clear()

    def _stream(self, seen: Outside) -> _Stream:
        key = seen.protocol, seen.domain
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = _Stream()
            if len(self._streams) > _STREAMS:
                self._streams.popitem(last=False)
        return stream

    def _follow(self, stream: _Stream, seen: Outside) -> None:
        advance = seen.advance if seen.advance is not None else _records(stream, seen)
        if stream.expected is not None:
            ahead = (seen.sequence - stream.expected) % _WRAP
            if 0 < ahead <= _JUMP:
                self.counts.lost += ahead
            elif ahead >= _WRAP - _JUMP:
                # It was counted as lost when a later one came before it.
                self.counts.late += 1
                self.counts.lost = max(self.counts.lost - (advance or 0), 0)
                return
            elif ahead:
                self.counts.begun_anew += 1
        stream.expected = (seen.sequence + advance) % _WRAP if advance is not None else None


def _records(stream: _Stream, seen: Outside) -> int | None:
    """How many data records a message of IPFIX has; None where a template is missing or of variable length."""
    total = 0
    for each in seen.data:
        length = stream.templates.get(each.template)
        if not length:
            return None
        total += each.size // length
    return total
