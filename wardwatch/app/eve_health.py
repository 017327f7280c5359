"""How the ways are by which Suricata's events come in: its files, and the sockets beside them."""

from dataclasses import dataclass
from datetime import datetime

from collectors.suricata.eve_gather import LineGatherer
from collectors.suricata.eve_socket import EveSocket
from collectors.suricata.ingest import SuricataIngest
from wardwatch.errors import UserError
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock

FILES, SOCKETS = "eve", "eve_socket"


@dataclass(frozen=True, slots=True)
class EveParts:
    """`trouble` is why there are no sockets, if there are none."""

    edge: str
    began: datetime
    clock: Clock
    ingest: SuricataIngest
    gatherer: LineGatherer
    sockets: EveSocket | None
    trouble: UserError | None

    def health(self) -> list[PartHealth]:
        return [self._files(), self._sockets()]

    @property
    def is_behind(self) -> bool:
        """Whether what was read waits to be delivered. (Unread bytes do not tell: a sensor that died may have left
        half a line.)"""
        return self.ingest.status().delivering or self.gatherer.held_bytes > 0

    def _files(self) -> PartHealth:
        status = self.ingest.status()
        tail = status.tail
        figures = {
            "lag_bytes": float(tail.lag_bytes),
            "open_files": float(tail.open_files),
            "events": float(status.events),
            "rejected_lines": float(status.rejected),
            "lost_bytes": float(sum(tail.lost_bytes.values())),
            "files_cut": float(tail.replaced),
            "unreadable_files": float(len(tail.unreadable)),
        }
        state = PartState.FAILED if tail.unreadable else PartState.RUNNING
        return PartHealth(
            self.edge, FILES, self.clock(), state, self.began, detail=_unreadable(tail.unreadable), figures=figures
        )

    def _sockets(self) -> PartHealth:
        lines = self.gatherer
        figures = {
            "connections": float(self.sockets.connections if self.sockets else 0),
            "turned_away": float(self.sockets.turned_away if self.sockets else 0),
            "events": float(lines.lines - lines.rejected),
            "rejected_lines": float(lines.rejected),
            "held_bytes": float(lines.held_bytes),
            "dropped_lines": float(lines.dropped.total()),
        }
        state = PartState.FAILED if self.trouble or lines.waits else PartState.RUNNING
        return PartHealth(
            self.edge, SOCKETS, self.clock(), state, self.began, detail=self._socket_words(), figures=figures
        )

    def _socket_words(self) -> Words:
        if self.trouble is not None:
            return Words(f"Không mở được socket nhận sự kiện: {self.trouble}", f"No socket for events: {self.trouble}")
        if self.gatherer.waits:
            return Words(
                "Nhật ký chờ gửi đã đầy: tạm ngừng đọc socket.", "The journal is full: the sockets are not read."
            )
        return NO_WORDS


def _unreadable(reasons: dict[str, str]) -> Words:
    if not reasons:
        return NO_WORDS
    path, reason = next(iter(sorted(reasons.items())))
    more = len(reasons) - 1
    return Words(
        f"Không đọc được {path}: {reason}" + (f" (và {more} tệp khác)" if more else ""),
        f"{path} cannot be read: {reason}" + (f" (and {more} more)" if more else ""),
    )
