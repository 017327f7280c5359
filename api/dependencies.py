"""Who calls, and with what a route works: asked for by `Depends`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.security import APIKeyCookie
from prometheus_client import CollectorRegistry

from api.accounts import Accounts
from api.attention import Attention, attention
from api.cities import Cities, Moment
from api.city import City
from api.drill_results import DrillResults
from api.idempotency import IdempotentWrites
from api.problems import ApiError
from api.schemas.topology import TopologyView
from api.schemas.wall import Sparklines, Wall
from api.settings import ApiSettings
from api.stream import LiveHub
from detectors.rules.catalogue import RuleCatalogue
from detectors.rules.keeper import RuleKeeper
from detectors.rules.seen import RuleSeen
from detectors.sigma.ruleset import Ruleset
from wardwatch.discovery.service import Discovery
from wardwatch.errors import Forbidden
from wardwatch.model.access import Actor, Role, Scope
from wardwatch.model.health import PartHealth
from wardwatch.model.state import Grant, Session, User
from wardwatch.model.time import Clock
from wardwatch.notify.service import Notifier
from wardwatch.ports import RecordReader, StateStore
from wardwatch.services.availability import Availabilities

COOKIE = "wardwatch_session"
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by POST /api/v1/session.")
# A page of another site cannot send a header of its own choice with our cookie, so this stops forged writes.
CSRF_HEADER = ("x-requested-with", "wardwatch")
WRITERS = frozenset({Role.OPERATOR, Role.ANALYST, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with; made once by `create_app`."""

    settings: ApiSettings
    state: StateStore
    records: RecordReader
    hub: LiveHub
    clock: Clock
    registry: CollectorRegistry
    drill_results: DrillResults
    drops: Callable[[], Mapping[str, int]]
    accounts: Accounts
    cities: Cities
    writes: IdempotentWrites
    walls: Moment[Scope, Wall]
    trends: Moment[Scope, Sparklines]
    noted: Moment[Scope, Attention]
    months: Moment[str, Availabilities]
    maps: Moment[tuple[Scope, Scope, bool], TopologyView]
    discovery: Discovery
    parts: Callable[[], Sequence[PartHealth]]
    sigma: Callable[[], Ruleset]
    notifier: Notifier | None
    rules: RuleKeeper | None
    rules_seen: Moment[tuple[Scope, int], Mapping[int, RuleSeen]]
    catalogue: RuleCatalogue

    def attention(self, city: City) -> Attention:
        """What wants attention in the city's scope, a few seconds old at most."""
        return self.noted.get(city.scope, lambda: attention(self.state, city, self.clock()))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is logged in: what they may read, and by role what they may write."""

    user: User
    session: Session
    grants: tuple[Grant, ...]
    scope: Scope
    actor: Actor

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def require(self, roles: frozenset[Role], where: Callable[[tuple[Grant, ...]], bool]) -> None:
        """Raises `Forbidden` unless one of the roles is held, and held where it matters."""
        held = tuple(grant for grant in self.grants if grant.role in roles)
        if not held or not where(held):
            names = ", ".join(sorted(roles))
            raise Forbidden(f"this needs one of the roles {names} there", "ask an administrator for it")


def writing_scope(using: Services, caller: Caller, roles: frozenset[Role] = WRITERS) -> Scope:
    """The units where the caller may write. Raises `Forbidden` where there are none."""
    held = [grant for grant in caller.grants if grant.role in roles]
    caller.require(roles, lambda grants: bool(grants))
    return using.cities.scope(held)


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def viewer(
    request: Request,
    token: Annotated[str | None, Depends(_cookie)],
    using: Annotated[Services, Depends(services)],
) -> Caller:
    """The caller of the session cookie; each role includes reading. Raises `ApiError` 401 or `Forbidden`."""
    found = using.accounts.session(token) if token else None
    if found is None:
        raise ApiError(401, "nobody is logged in, or the session has ended", "log in with POST /api/v1/session")
    if request.method not in ("GET", "HEAD"):
        refuse_forged(request)
    session, user = found
    grants = tuple(using.state.accounts.grants(user.name))
    if not grants:
        raise Forbidden("the user has no role in any unit", "ask an administrator for one")
    address = request.client.host if request.client else None
    return Caller(user, session, grants, using.cities.scope(grants), Actor(user.name, address))


def refuse_forged(request: Request) -> None:
    """Raises `Forbidden` for a write that does not carry our header."""
    name, value = CSRF_HEADER
    if request.headers.get(name) != value:
        raise Forbidden("the request does not come from a WardWatch page", f"send the header {name}: {value}")


Viewer = Annotated[Caller, Depends(viewer)]
Using = Annotated[Services, Depends(services)]
Limit = Annotated[int, Query(ge=1, le=500, description="How many items a page holds at most.")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next` of the page before.")]
IdempotencyKey = Annotated[
    str | None, Header(max_length=200, description="The same key again gives the same answer, done once.")
]
Search = Annotated[
    str | None, Query(max_length=200, description="Words to look for; diacritics and case do not matter.")
]
