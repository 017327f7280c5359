"""Ports of what people keep about services. A part of `wardwatch.ports`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from wardwatch.model.access import Actor, Scope
from wardwatch.model.care import Heartbeat, HeldCertificate, Maintenance


class CareStore(Protocol):
    """Maintenance windows, digital certificates, and jobs that report."""

    def plan(self, actor: Actor, window: Maintenance) -> None:
        """Adds a window, or changes the one of its id."""
        ...

    def windows(self, scope: Scope, since: datetime) -> Sequence[Maintenance]:
        """Those that end after a moment, the next first. One without a unit is seen with the whole city."""
        ...

    def hold(self, actor: Actor, certificates: Sequence[HeldCertificate]) -> None:
        """Adds these, or changes those of their ids."""
        ...

    def let_go(self, actor: Actor, certificate: str) -> None:
        """Raises `NotFound`."""
        ...

    def certificates(self, scope: Scope) -> Sequence[HeldCertificate]:
        """Those of the scope's units, the first to end first."""
        ...


class HeartbeatStore(Protocol):
    """Jobs that report."""

    def put(self, actor: Actor, job: Heartbeat) -> None: ...

    def jobs(self, scope: Scope) -> Sequence[Heartbeat]: ...

    def beat(self, actor: Actor, token_hash: str, at: datetime, ok: bool, detail: str) -> Heartbeat | None:
        """Notes a report; None for a token that nobody has."""
        ...

    def remove(self, actor: Actor, job: str) -> None:
        """Raises `NotFound`."""
        ...


class CareStores(Protocol):
    """These stores, as parts of the state store."""

    @property
    def care(self) -> CareStore: ...

    @property
    def heartbeats(self) -> HeartbeatStore: ...
