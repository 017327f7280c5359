"""The rules of a file, read again when it has changed, and found by words."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.rules.parsing import Rule, read_rules
from wardwatch.model.text import fold


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and what it is found by, folded."""

    rule: Rule
    words: str


class RuleCatalogue:
    """Safe to call from several threads. 40,000 rules take a second to read, once a change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Path, tuple[tuple[int, int], Sequence[Listed]]] = {}

    def rules(self, file: Path) -> Sequence[Listed]:
        """None where there is no file."""
        try:
            told = file.stat()
        except FileNotFoundError:
            return ()
        mark = (told.st_mtime_ns, told.st_size)
        with self._lock:
            known = self._seen.get(file)
            if known is None or known[0] != mark:
                text = file.read_text(encoding="utf-8", errors="replace")
                known = self._seen[file] = (mark, [Listed(rule, words_of(rule)) for rule in read_rules(text)])
            return known[1]


def words_of(rule: Rule) -> str:
    """What people look a rule up by."""
    return fold(f"{rule.sid} {rule.message} {rule.classtype} {rule.protocol} {' '.join(rule.techniques)}")


def suits(words: str, search: str | None) -> bool:
    """Whether every word that is looked for is among those."""
    return search is None or all(word in words for word in fold(search).split())
