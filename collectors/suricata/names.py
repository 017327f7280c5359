"""Which files of a folder are Suricata's events, by their names alone.

For a log called `eve.json`: it itself and `eve.<thread>.json` are written now. Everything else that begins with `eve.`
or `eve-` and has `.json` in it may be a copy that somebody rotated, a thread's own log (`eve.json.<thread>`,
`eve.json.<thread>.<time>`), or another output: what it holds decides, not its name.
"""

import re
from enum import StrEnum

UNPACKED = (".xz", ".zst", ".bz2", ".lz4")
"""Compressed in ways that are not read."""
_IGNORED = (".sock", ".aside", ".tmp", ".swp", ".lock", ".pid", "~")


class Kind(StrEnum):
    """What a name says of its file."""

    LIVE = "live"
    OTHER = "other"
    GZIP = "gzip"
    PACKED = "packed"


def kind_of(name: str, log: str) -> Kind | None:
    """What a name says in the folder of `log` (`eve.json`); None for what is not of that log."""
    stem, dot, suffix = log.rpartition(".")
    if not dot:
        stem, suffix = log, ""
    if name == log or re.fullmatch(rf"{re.escape(stem)}\.\d+\.{re.escape(suffix)}", name):
        return Kind.LIVE
    if not name.startswith((f"{stem}.", f"{stem}-")) or f"{dot}{suffix}" not in name or name.endswith(_IGNORED):
        return None
    if name.endswith(".gz"):
        return Kind.GZIP
    return Kind.PACKED if name.endswith(UNPACKED) else Kind.OTHER
