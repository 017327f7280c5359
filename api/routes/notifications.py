"""Who is told: the log of notifications, rotas, and the test button."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Using, Viewer, writing_scope
from api.schemas.base import ListPage
from api.schemas.notifications import NotificationTest, NotificationView, RotasView, RotaView, TurnView
from wardwatch.errors import Forbidden, NotFound
from wardwatch.model.access import Role
from wardwatch.notify.log import Attempt
from wardwatch.notify.rota import on_call, turns

router = APIRouter(tags=["notifications"])

WEEKS = 8
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@router.get("/notifications")
def list_notifications(
    caller: Viewer, using: Using, limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 200
) -> ListPage[NotificationView]:
    """Attempts of the caller's units, newest first; tests are seen with the whole city."""
    found = [] if using.notifier is None else using.notifier.attempts(caller.scope, limit)
    return ListPage(items=[_view(line) for line in found])


@router.post("/notifications/test", status_code=201)
def test_notification(wanted: NotificationTest, caller: Viewer, using: Using) -> NotificationView:
    """Sends a test message to a channel now and says what became of it; for administrators of the whole city."""
    if writing_scope(using, caller, _ADMINISTRATORS).units is not None:
        raise Forbidden("channels belong to no unit", "ask for the role in the whole city")
    if using.notifier is None:
        raise NotFound("nothing tells anybody here", "write notify.yaml into the data folder")
    tried = using.notifier.test(wanted.channel)
    using.state.audit.record(caller.actor, "notification.test", wanted.channel, {"outcome": tried.outcome.value})
    return _view(tried)


@router.get("/rota")
def get_rota(caller: Viewer, using: Using) -> RotasView:
    """Who is on call, for everybody who works here."""
    if using.notifier is None:
        return RotasView(items=[], channels=[])
    settings, now = using.notifier.current(), using.clock()
    items = [
        RotaView(
            name=rota.name,
            on_call=on_call(rota, now),
            weeks=[TurnView.model_validate(turn) for turn in turns(rota, now, WEEKS)],
        )
        for rota in settings.rotas.values()
    ]
    return RotasView(items=items, channels=sorted(settings.channels))


def _view(line: Attempt) -> NotificationView:
    return NotificationView(
        at=line.at,
        channel=line.channel,
        outcome=line.outcome,
        attempt=line.attempt,
        reason=line.reason,
        title=line.title,
        incident=line.incident,
        route=line.route,
        drill=line.drill,
    )
