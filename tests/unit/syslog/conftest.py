"""One device that sends at one moment."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from collectors.reception.gathering import Mapped, Received
from collectors.reception.senders import Sender
from collectors.syslog.mapper import SyslogMapper
from collectors.syslog.vendor_documents import load_rules
from wardwatch.model.records import Position

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENDER = Sender(
    "10.0.0.1", "Chuyển mạch 1", ("ward",), "Cisco", {"unit": "ward", "site": "s", "zone": "wan", "device": "sw1"}
)


class Mapping:
    def __init__(self) -> None:
        self._mapper = SyslogMapper(load_rules(), timezone(timedelta(hours=7)))

    def map(self, *lines: bytes) -> Mapped:
        return self._mapper.map(
            [(Position("syslog", number), Received(line, SENDER, NOW)) for number, line in enumerate(lines)]
        )

    def document(self, line: str | bytes) -> dict[str, Any]:
        mapped = self.map(line.encode() if isinstance(line, str) else line)
        assert not mapped.rejected, mapped.rejected
        document: dict[str, Any] = orjson.loads(mapped.events[0].document)
        return document


@pytest.fixture(scope="session")
def mapping() -> Mapping:
    return Mapping()
