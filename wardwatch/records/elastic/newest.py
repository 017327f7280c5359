"""The newest row of each (device, index): read from the server once, then kept by the writer.

No aggregation of the bare server gives 62,000 newest rows in less than ten seconds, and every page of the wall asks for
some. This process writes every sample, so it knows them.
"""

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.queries import LatestRow
from wardwatch.model.records import SampleBlock

_KEPT_BEFORE_ASKED = timedelta(days=1)

Key = tuple[str, str]
"""Device and index."""

Row = tuple[datetime, str, tuple[float | None, ...]]
"""Time, unit, and the values in the order of the measurement's columns."""

Read = Callable[[datetime], Iterable[LatestRow]]
"""The newest rows since an instant, as the server has them."""


Wanted = Callable[[str, str], bool]
"""Whether rows of a device and unit are asked for."""


@dataclass(slots=True)
class _Board:
    rows: dict[Key, Row] = field(default_factory=dict)
    since: datetime | None = None
    """From when on the rows are complete; None while they are not yet read."""


class NewestRows:
    """By namespace and measurement; of those that were never asked for nothing is kept. Thread-safe."""

    def __init__(self) -> None:
        self._boards: dict[tuple[str, str], _Board] = {}
        self._changing = threading.Lock()
        self._reading = threading.Lock()

    def took(self, namespace: str, blocks: Iterable[SampleBlock]) -> None:
        """These blocks were stored: to be called after the acknowledgement."""
        with self._changing:
            for block in blocks:
                board = self._boards.get((namespace, block.measurement))
                if board is not None:
                    _add(board, block)

    def forget(self) -> None:
        """What was stored is not known for certain: everything is read again."""
        with self._changing:
            self._boards.clear()

    def knows(self, namespace: str, measurement: str, since: datetime) -> bool:
        """Whether the rows since an instant are here already."""
        with self._changing:
            board = self._boards.get((namespace, measurement))
            return board is not None and board.since is not None and board.since <= since

    def rows(self, namespace: str, measurement: str, since: datetime, wanted: Wanted, read: Read) -> list[LatestRow]:
        """The newest rows since an instant, by device and index."""
        columns = tuple(MEASUREMENTS[measurement].columns)
        board = self._board(namespace, measurement, since, read)
        with self._changing:
            _prune(board, since)
            found = [(key, row) for key, row in board.rows.items() if row[0] >= since and wanted(key[0], row[1])]
        return [
            LatestRow(device, unit, index, at, dict(zip(columns, values, strict=True)))
            for (device, index), (at, unit, values) in sorted(found)
        ]

    def _board(self, namespace: str, measurement: str, since: datetime, read: Read) -> _Board:
        """The board, complete since an instant; it takes what is stored while it is being read."""
        with self._reading:
            with self._changing:
                board = self._boards.setdefault((namespace, measurement), _Board())
                if board.since is not None and board.since <= since:
                    return board
            rows = {(row.device, row.index): (row.at, row.unit, tuple(row.values.values())) for row in read(since)}
            with self._changing:
                for key, row in rows.items():
                    _put(board, key, row)
                board.since = since
            return board


def _add(board: _Board, block: SampleBlock) -> None:
    columns = [block.columns.get(name) for name in MEASUREMENTS[block.measurement].columns]
    for number, index in enumerate(block.index):
        key = (block.device, index)
        known = board.rows.get(key)
        # Of two rows of one instant the server keeps the first.
        if known is None or known[0] < block.at:
            values = tuple(None if column is None else _finite(column[number]) for column in columns)
            board.rows[key] = (block.at, block.unit, values)


def _put(board: _Board, key: Key, row: Row) -> None:
    known = board.rows.get(key)
    if known is None or known[0] < row[0]:
        board.rows[key] = row


def _prune(board: _Board, since: datetime) -> None:
    """Lets go of what has not reported for a day longer than anybody asks for."""
    if board.since is not None and board.since < since - 2 * _KEPT_BEFORE_ASKED:
        oldest = since - _KEPT_BEFORE_ASKED
        board.rows = {key: row for key, row in board.rows.items() if row[0] >= oldest}
        board.since = oldest


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
