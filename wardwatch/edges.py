"""The remote edges of an installation: who they are, which zone each polls, and how one proves to be itself."""

import hmac
import re
import secrets
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from wardwatch.errors import NotFound, UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.edges import Edge
from wardwatch.model.time import Clock
from wardwatch.ports import EdgeStore, InventoryStore
from wardwatch.strict_yaml import nearest
from wardwatch.tokens import Random, new_token, token_hash

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LOCAL_EDGES = frozenset(
    {"collect", "command-line", "core", "eve", "ingest", "local", "receive", "sensor", "supervisor"}
)
"""Names under which parts of the installation itself ship."""

SEEN_EVERY = timedelta(seconds=60)


class EdgeRegister:
    """Adds, lists and revokes edges, and knows them by their tokens. Safe to call from several threads."""

    def __init__(
        self, store: EdgeStore, inventory: InventoryStore, clock: Clock, random: Random = secrets.token_bytes
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._clock = clock
        self._random = random
        self._noted: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def add(self, actor: Actor, name: str, zone: str) -> str:
        """The token of a new edge, which nobody can ask for again. Raises `UserError` for a name that no edge can have
        or a zone that the inventory has not, `Conflict` where either is taken."""
        if not _NAME.fullmatch(name) or name in LOCAL_EDGES:
            raise UserError(
                f"an edge cannot be called '{name}'",
                f"use small letters, digits and hyphens, at most 40, and none of {', '.join(sorted(LOCAL_EDGES))}",
            )
        zones = self._inventory.read(Scope.everything()).zones
        if zone not in zones:
            raise NotFound(f"the inventory has no zone '{zone}'", nearest(zone, sorted(zones)))
        token = new_token(self._random)
        self._store.add(actor, Edge(name, zone, token_hash(token), self._clock()))
        return token

    def revoke(self, actor: Actor, name: str) -> None:
        """From now on the edge's token opens nothing. Raises `NotFound` where no active edge has the name."""
        self._store.revoke(actor, name, self._clock())

    def listed(self) -> Sequence[Edge]:
        """All edges by name, revoked ones too."""
        return self._store.edges(Scope.everything())

    def claimed(self) -> tuple[str, ...]:
        """The zones that remote edges poll."""
        return tuple(sorted(edge.zone for edge in self.listed() if edge.active))

    def of_token(self, token: str) -> Edge | None:
        """Whose token it is. Every edge is compared, each in constant time, so that nothing can be learnt from how
        long the answer takes."""
        asked = token_hash(token)
        found = None
        for edge in self.listed():
            if hmac.compare_digest(edge.token_hash, asked) and edge.active:
                found = edge
        return found

    def saw(self, edge: Edge) -> None:
        """Keeps when an edge was last heard, to a minute."""
        now = self._clock()
        with self._lock:
            before = self._noted.get(edge.name)
            if before is not None and timedelta() <= now - before < SEEN_EVERY:
                return
            self._noted[edge.name] = now
        self._store.seen(Actor.system(f"edge:{edge.name}"), edge.name, now)
