"""What the simulator counted: requests, replies, and every reason a packet went unanswered."""

from collections import Counter


class Counts:
    """One count a word; words are short and fixed, so the table is bounded."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, word: str, number: int = 1) -> None:
        self._counts[word] += number

    def __getitem__(self, word: str) -> int:
        return self._counts[word]

    def snapshot(self) -> dict[str, int]:
        """A copy, sorted by word."""
        return dict(sorted(self._counts.items()))

    def __str__(self) -> str:
        return " ".join(f"{word}={number}" for word, number in self.snapshot().items()) or "nothing yet"
