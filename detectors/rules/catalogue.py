"""The rules of a file, read again when it has changed, and found by words."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.rules.candidate import Changes, changes
from detectors.rules.parsing import Rule, read_rules
from detectors.rules.places import RULES, RulePlaces
from wardwatch.model.text import fold


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and what it is found by, folded."""

    rule: Rule
    words: str


_Mark = tuple[int, int]
_NOTHING: Sequence[Listed] = ()


class RuleCatalogue:
    """Safe to call from several threads. 40,000 rules take a second to read, once a change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Path, tuple[_Mark, Sequence[Listed]]] = {}
        self._compared: tuple[Sequence[Listed], Sequence[Listed], Changes] | None = None

    def rules(self, file: Path) -> Sequence[Listed]:
        """Nothing where there is no file."""
        try:
            told = file.stat()
        except FileNotFoundError:
            return _NOTHING
        mark = (told.st_mtime_ns, told.st_size)
        with self._lock:
            known = self._seen.get(file)
            if known is None or known[0] != mark:
                text = file.read_text(encoding="utf-8", errors="replace")
                known = self._seen[file] = (mark, [Listed(rule, words_of(rule)) for rule in read_rules(text)])
            return known[1]

    def changes(self, places: RulePlaces) -> Changes:
        """What the candidate changes in the set that is deployed."""
        old, new = self.rules(places.deployed), self.rules(places.candidate / RULES)
        known = self._compared
        if known is None or known[0] is not old or known[1] is not new:
            found = changes((each.rule for each in old), (each.rule for each in new))
            known = self._compared = (old, new, found)
        return known[2]


def words_of(rule: Rule) -> str:
    """What people look a rule up by."""
    return fold(f"{rule.sid} {rule.message} {rule.classtype} {rule.protocol} {' '.join(rule.techniques)}")


def suits(words: str, search: str | None) -> bool:
    """Whether every word that is looked for is among those."""
    return search is None or all(word in words for word in fold(search).split())
