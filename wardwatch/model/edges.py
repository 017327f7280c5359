"""Collectors outside the data centre."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Edge:
    """A remote collector: what it is called and which zone of the inventory it polls. Of its token only the SHA-256
    (hex) is kept. A revoked edge stays, so that its name keeps its meaning in what it has shipped."""

    name: str
    zone: str
    token_hash: str
    created_at: datetime
    revoked_at: datetime | None = None
    last_seen_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.revoked_at is None
