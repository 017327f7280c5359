"""Names of indices: `PREFIX-KIND-NAMESPACE-DAY` behind the read alias `PREFIX-KIND-NAMESPACE`.

A kind has no hyphen and a day only digits and dots, so that no namespace makes one name mean two things.
"""

import hashlib
import re
from datetime import date

EVENTS = "events"
REJECTED = "rejected"
OUTCOMES = "outcomes"

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def samples_kind(measurement: str) -> str:
    """The kind of a measurement's indices."""
    return f"samples_{measurement}"


def alias_name(prefix: str, kind: str, namespace: str) -> str:
    """What readers ask for: all days of a kind in a namespace."""
    return f"{prefix}-{kind}-{_slug(namespace)}"


def index_name(prefix: str, kind: str, namespace: str, day: date) -> str:
    """The index of one UTC day."""
    return f"{alias_name(prefix, kind, namespace)}-{day:%Y.%m.%d}"


def _slug(namespace: str) -> str:
    """The namespace as an index name may hold it; one that cannot stand there (`*`, `A,B`) is named by its hash."""
    if _PLAIN.fullmatch(namespace):
        return namespace
    return "~" + hashlib.sha256(namespace.encode("utf-8", "surrogatepass")).hexdigest()[:40]
