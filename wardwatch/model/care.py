"""What people keep about services: planned maintenance, digital certificates, and backup jobs that report."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A planned window, from `starts_at` until `ends_at` (or until it was ended): of a unit with its subtree, a device
    or a service (at least one of them)."""

    id: str
    reason: str
    owner: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    unit: str | None = None
    device: str | None = None
    service: str | None = None
    ended_at: datetime | None = None

    @property
    def until(self) -> datetime:
        return self.ends_at if self.ended_at is None else max(self.starts_at, min(self.ends_at, self.ended_at))

    def active(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.starts_at <= at < self.until


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A digital certificate of an organisation, a person or a server; `holder` is whom it names, `serial` hexadecimal
    or as the issuer writes it; `warn_days` before its end it is warned of."""

    id: str
    kind: str
    holder: str
    unit: str
    issuer: str
    serial: str
    valid_from: datetime | None
    valid_to: datetime
    warn_days: int = 30


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A job (a backup) that must report every `every_s`, `grace_s` late at most. Its token is stored hashed."""

    id: str
    name: str
    unit: str
    token_hash: str
    every_s: int
    grace_s: int
    created_at: datetime
    service: str | None = None
    last_at: datetime | None = None
    last_ok: bool = True
    detail: str = ""

    @property
    def due_at(self) -> datetime:
        return (self.last_at or self.created_at) + timedelta(seconds=self.every_s + self.grace_s)

    def late(self, at: datetime) -> bool:
        """Whether it is overdue, or its last report said that the job failed."""
        return at > self.due_at or not self.last_ok
