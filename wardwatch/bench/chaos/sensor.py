"""A sensor that writes `eve.json` as Suricata does, rotated by rename and HUP."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from wardwatch.bench.eve_lines import eve_lines

BEHIND = 37
"""So many lines still go into the renamed file: a sensor opens the new one only when the HUP reaches it."""


class Sensor:
    """Writes its lines in portions; `sent` are the hashes of those written so far, and how many of them are alerts."""

    def __init__(self, folder: Path, lines: int, seed: int, rotations: int = 15) -> None:
        self._folder = folder
        self._lines: Iterator[bytes] = eve_lines(lines, seed)
        self._each = max(lines // rotations, 2 * BEHIND)
        self._file: BinaryIO | None = None
        self._rotated = 0
        self.written = 0
        self.alerts = 0
        self.sent: set[bytes] = set()

    def write(self, count: int) -> None:
        """Writes the next lines; what reaches the file at once ends anywhere in a line."""
        for line in islice(self._lines, count):
            self._put(line)
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _put(self, line: bytes) -> None:
        if self._file is None:
            self._file = self._open()
        self._file.write(line + b"\n")
        self.sent.add(digest(line))
        self.alerts += b'"event_type":"alert"' in line
        self.written += 1
        place = self.written % self._each
        if place == 0:
            self._rotated += 1
            (self._folder / "eve.json").rename(self._folder / f"eve.json.{self._rotated}")
        elif place == BEHIND and self._rotated:
            self._file.close()
            self._file = self._open()

    def _open(self) -> BinaryIO:
        return (self._folder / "eve.json").open("ab")


def digest(line: bytes) -> bytes:
    """Stands for a line where a hundred thousand of them are compared."""
    return hashlib.blake2b(line, digest_size=16).digest()
