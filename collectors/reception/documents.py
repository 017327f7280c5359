"""What the documents of everything received have in common."""

import base64
from datetime import datetime
from functools import lru_cache
from typing import Any

from collectors.reception.senders import Sender
from collectors.suricata.ecs import ECS_VERSION

ECS: dict[str, Any] = {"version": ECS_VERSION}
"""Documents share it; nothing changes it."""


@lru_cache(4096)
def stamp(at: datetime) -> str:
    """A moment in UTC as documents write it."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def original_of(data: bytes) -> tuple[str, str | None]:
    """Bytes as text. What is not UTF-8 is shown with replacement characters; then the bytes come along in base64."""
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), base64.b64encode(data).decode("ascii")


def place(document: dict[str, Any], sender: Sender, is_source: bool) -> None:
    """Says where the sender stands: as the source, or as the destination of somebody else's doing."""
    end = "source" if is_source else "destination"
    document[end] = {"ip": sender.address, "address": sender.address}
    document["wardwatch"][end] = sender.place
