"""Configuration texts made comparable and showable: without noise, and with secrets hidden. Pure."""

import hashlib
import re
from collections.abc import Iterable

from playbooks.platforms import Platform
from wardwatch.model.text import nfc

HIDDEN = "<hidden>"
_NEGATION = re.compile(r"\s*(?:no|undo|delete) ")
_TOO_SHORT = 5


def normalised(text: str, platform: Platform) -> str:
    """The lines of configuration alone, each without trailing blanks, the same for every reading of the same state."""
    noise = re.compile("|".join(platform.noise))
    lines = (line.rstrip() for line in nfc(text).replace("\r", "").splitlines())
    kept = [line for line in lines if line and not noise.search(line)]
    return "".join(f"{line}\n" for line in kept)


def redacted(text: str, platform: Platform, words: Iterable[str] = ()) -> str:
    """As `text`, with what the platform's patterns call secret, and these words, hidden."""
    lines = [_hidden(line, platform) for line in text.splitlines(keepends=True)]
    return without("".join(lines), words)


def without(text: str, words: Iterable[str]) -> str:
    """As `text`, with these words hidden; the longest first, so that none shows through another."""
    for word in sorted((word for word in words if word), key=len, reverse=True):
        text = text.replace(word, HIDDEN)
    return text


def secrets_in(text: str, platform: Platform) -> set[str]:
    """The words that the platform's patterns call secret; short ones are no use to hide elsewhere."""
    found = {line[start:end] for line in text.splitlines() for start, end in secret_spans(line, platform)}
    return {word for word in found if len(word) > _TOO_SHORT}


def secret_spans(line: str, platform: Platform) -> list[tuple[int, int]]:
    """Where the line's secrets stand, the last first; a line that takes a secret away names it too."""
    start, instead = 0, ""
    if (match := _NEGATION.match(line)) is not None:
        start, instead = match.end(), "set " if match[0] == "delete " else ""
    rest, moved = instead + line[start:], start - len(instead)
    spans = {match.span(1) for pattern in platform.secrets for match in re.finditer(pattern, rest)}
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin + moved < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end + moved))
        else:
            joined.append((begin + moved, end + moved))
    return joined[::-1]


def _hidden(line: str, platform: Platform) -> str:
    for start, end in secret_spans(line, platform):
        line = line[:start] + HIDDEN + line[end:]
    return line


def digest(text: str) -> str:
    """A short name for exactly this text."""
    return hashlib.sha256(text.encode()).hexdigest()
