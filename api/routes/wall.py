"""The wall."""

from fastapi import APIRouter

from api.dependencies import Services, Using, Viewer
from api.schemas.base import Ref
from api.schemas.wall import Wall
from api.views.trends import sparklines
from api.views.wall import freshness, wall, worst_problems
from wardwatch.model.access import Scope

router = APIRouter(prefix="/wall", tags=["wall"])


@router.get("")
def get_wall(caller: Viewer, using: Using) -> Wall:
    """Everything the big screen needs, for the caller's units; at most six seconds old (its trends two minutes)."""
    return using.walls.get(caller.scope, lambda: _make(using, caller.scope))


def _make(using: Services, scope: Scope) -> Wall:
    city = using.cities.city(scope)
    now = using.clock()
    noted = using.attention(city)
    problems, open_incidents = worst_problems(using.state, city)
    return wall(
        city,
        noted,
        problems,
        open_incidents,
        freshness(using.settings, using.records, city, using.drops(), now),
        using.trends.get(scope, lambda: sparklines(using.records, using.state.devices, city, now)),
        _drill(using, noted.drill),
        # Which machines and processes the installation has is no business of a part of the city.
        using.parts() if scope.units is None else (),
    )


def _drill(using: Services, namespace: str | None) -> Ref | None:
    """The drill that is on. One with a score has ended: its incidents keep their badge, the wall says no more of it."""
    if namespace is None or any(namespace.endswith(run.id.lower()) for run in using.drill_results.runs()):
        return None
    return Ref(id=namespace, name=namespace.removeprefix("drill-"))
