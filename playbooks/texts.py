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
    found = {match[1] for line in text.splitlines() for each in platform.secrets for match in re.finditer(each, line)}
    return {word for word in found if len(word) > _TOO_SHORT}


def _hidden(line: str, platform: Platform) -> str:
    # A line that takes a secret away names it too.
    if (match := _NEGATION.match(line)) is not None:
        rest = line[match.end() :]
        instead = "set " if match[0] == "delete " else ""
        return match[0] + _hidden(instead + rest, platform).removeprefix(instead)
    for pattern in platform.secrets:
        spans = [match.span(1) for match in re.finditer(pattern, line)]
        for start, end in reversed(spans):
            line = line[:start] + HIDDEN + line[end:]
    return line


def digest(text: str) -> str:
    """A short name for exactly this text."""
    return hashlib.sha256(text.encode()).hexdigest()
