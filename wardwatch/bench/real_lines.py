"""Many EVE lines out of few real ones: each round of them has flow ids of its own, and times are spread evenly."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wardwatch.bench.captures import are_readable, read_captures
from wardwatch.bench.eve_lines import FIRST, eve_lines

REAL, GENERATED = "captures of suricata-verify, read by suricata, repeated", "generated"
SPAN = timedelta(hours=1)

_CHANGED = re.compile(rb'"(timestamp|start|end|flow_id)":(?:"(\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6})\+0000"|(\d+))')
_WRITTEN = "%Y-%m-%dT%H:%M:%S.%f"
_ROUND = 1 << 20


def lines_for(count: int, seed: int) -> tuple[str, list[bytes]]:
    """So many lines without their line ends from `FIRST` on, and where they are from."""
    if not are_readable():
        return GENERATED, list(eve_lines(count, seed, SPAN))
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as output:
        files = read_captures(Path(output)).values()
        return REAL, list(repeated([line for file in files for line in file.read_bytes().splitlines()], count))


def repeated(lines: Sequence[bytes], count: int) -> Iterator[bytes]:
    """So many lines, evenly spread over `SPAN` from `FIRST`. The times inside a record keep their distance to its
    timestamp, and flow ids are shared within a round as they were."""
    step = SPAN / max(count, 1)
    parts = [_Line(line) for line in lines]
    for number in range(count):
        turn, place = divmod(number, len(parts))
        yield parts[place].at(FIRST + number * step, turn)


class _Line:
    """A line cut at its times and flow ids."""

    def __init__(self, line: bytes) -> None:
        self._fixed: list[bytes] = []
        self._changed: list[tuple[datetime, None] | tuple[None, int]] = []
        after = 0
        for found in _CHANGED.finditer(line):
            key, time, number = found.groups()
            if (key == b"flow_id") != (number is not None):
                continue
            begins, ends = found.span(2 if number is None else 3)
            self._fixed.append(line[after:begins])
            self._changed.append((_time(time), None) if number is None else (None, int(number)))
            after = ends
        self._rest = line[after:]

    def at(self, moment: datetime, turn: int) -> bytes:
        """The line as a record of that moment, in that round."""
        first = next((time for time, _ in self._changed if time is not None), moment)
        pieces: list[bytes] = []
        for fixed, (time, flow_id) in zip(self._fixed, self._changed, strict=True):
            pieces.append(fixed)
            if time is not None:
                pieces.append((moment + (time - first)).strftime(_WRITTEN).encode())
            elif flow_id is not None:
                pieces.append(b"%d" % (flow_id + turn * _ROUND))
        return b"".join((*pieces, self._rest))


def _time(written: bytes) -> datetime:
    return datetime.strptime(written.decode(), _WRITTEN).replace(tzinfo=UTC)
