"""Counts by sender that stay small, whoever forges addresses."""

from collections import Counter

OTHERS = "others"


class SourceCounts:
    """Counts of one kind: total, by sender, and what was not told yet. Senders beyond `limit` are counted together."""

    def __init__(self, reason: str, limit: int = 256) -> None:
        self._reason = reason
        self._limit = limit
        self._untold: Counter[str] = Counter()
        self.by_source: Counter[str] = Counter()
        self.total = 0

    def add(self, source: str, count: int = 1) -> None:
        if source not in self.by_source and len(self.by_source) >= self._limit:
            source = OTHERS
        self.by_source[source] += count
        self._untold[source] += count
        self.total += count

    def __bool__(self) -> bool:
        """Whether something was not told yet."""
        return bool(self._untold)

    def tell(self) -> dict[str, int]:
        """What came since the last call, as `Batch.drops` names it: `reason@sender`."""
        told = {f"{self._reason}@{source}": count for source, count in self._untold.items()}
        self._untold.clear()
        return told

    def worst(self) -> str:
        """The sender with the most, for words on a page; empty where there is none."""
        return self.by_source.most_common(1)[0][0] if self.by_source else ""
