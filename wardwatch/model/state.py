"""What is asked of the state store, and who its users are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from wardwatch.model.access import Role
from wardwatch.model.incidents import GroupState, IncidentState
from wardwatch.model.records import DEFAULT_NAMESPACE
from wardwatch.model.status import Severity

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page and the cursor of the next one (None at the end)."""

    items: tuple[T, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class AlertGroupQuery:
    """Alert groups, last seen first. `namespace` None means all of them, `states` empty any; `address` matches either
    end."""

    namespace: str | None = DEFAULT_NAMESPACE
    severities: tuple[Severity, ...] = ()
    states: tuple[GroupState, ...] = ()
    unit: str | None = None
    incident: str | None = None
    rule_id: str | None = None
    address: str | None = None
    since: datetime | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """Incidents, newest first. `states` empty means any; `unit` matches any unit of the incident."""

    namespace: str | None = DEFAULT_NAMESPACE
    states: tuple[IncidentState, ...] = ()
    severities: tuple[Severity, ...] = ()
    unit: str | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person with a login. `password_hash` is argon2id's own encoding."""

    name: str
    full_name: str
    password_hash: str
    language: str = "vi"
    active: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over the subtree of a unit; `unit` None is the whole city."""

    user: str
    role: Role
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A login: only the SHA-256 (hex) of its token is kept."""

    token_hash: str
    user: str
    created_at: datetime
    expires_at: datetime
    address: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the audit chain: `hash` is SHA-256 (hex) over `previous` and every other field."""

    sequence: int
    at: datetime
    actor: str
    address: str | None
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str
    hash: str
