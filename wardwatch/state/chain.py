"""The links of the audit chain: pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wardwatch.model.access import Actor
from wardwatch.model.state import AuditEntry

GENESIS = "0" * 64
"""What the first entry has as the hash of the one before it."""


def canonical(value: Any) -> str:
    """JSON that is the same for equal values: sorted keys, no spaces; what JSON does not know is written as text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def linked(
    sequence: int, previous: str, at: datetime, actor: Actor, action: str, subject: str, detail: Mapping[str, Any]
) -> AuditEntry:
    """The next entry after the one whose hash is `previous`. `detail` comes back as it will be read."""
    kept: dict[str, Any] = json.loads(canonical(dict(detail)))
    at = at.astimezone(UTC)
    link = digest(sequence, at, actor.name, actor.address, action, subject, kept, previous)
    return AuditEntry(sequence, at, actor.name, actor.address, action, subject, kept, previous, link)


def holds(entry: AuditEntry) -> bool:
    """Whether an entry's hash is that of its fields."""
    return entry.hash == digest(
        entry.sequence,
        entry.at,
        entry.actor,
        entry.address,
        entry.action,
        entry.subject,
        entry.detail,
        entry.previous,
    )


def digest(
    sequence: int,
    at: datetime,
    actor: str,
    address: str | None,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    previous: str,
) -> str:
    """SHA-256 (hex) over the canonical JSON of every field of an entry but its hash."""
    covered = [sequence, at.isoformat(timespec="microseconds"), actor, address, action, subject, detail, previous]
    return hashlib.sha256(canonical(covered).encode()).hexdigest()
