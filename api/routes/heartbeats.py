"""Jobs (backups) that report by calling an address of their own, and are late when they do not."""

import os
from typing import Annotated

from fastapi import APIRouter, Query

from api.city import City
from api.dependencies import Services, Using, Viewer, writing_scope
from api.schemas.base import ListPage, Ref
from api.schemas.certificates import BeatTaken, HeartbeatMade, HeartbeatRequest, HeartbeatView
from api.views.services import find_service
from api.views.units import find_unit, unit_ref
from wardwatch.errors import Conflict, Forbidden, NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.care import Heartbeat
from wardwatch.model.text import nfc, visible
from wardwatch.tokens import new_token, token_hash

router = APIRouter(prefix="/heartbeats", tags=["services"])

_CALLER = Actor.system("heartbeat")
Ok = Annotated[bool, Query(description="false: the job ran and failed.")]
Detail = Annotated[str, Query(max_length=500, description="What the job says of itself.")]


@router.get("")
def list_heartbeats(caller: Viewer, using: Using) -> ListPage[HeartbeatView]:
    """Jobs of the caller's units."""
    city = using.cities.city(caller.scope)
    found = using.state.heartbeats.jobs(caller.scope)
    return ListPage(items=[_view(using, city, job) for job in found], total=len(found))


@router.post("", status_code=201)
def make_heartbeat(wanted: HeartbeatRequest, caller: Viewer, using: Using) -> HeartbeatMade:
    """Adds a job; the path that it calls is told once."""
    city, scope = using.cities.city(caller.scope), writing_scope(using, caller)
    unit = find_unit(city, wanted.unit).id
    if not scope.sees(unit):
        raise Forbidden("you may add jobs only where you may write", "name one of your units")
    if wanted.service is not None:
        find_service(city, wanted.service)
    if wanted.id in {job.id for job in using.state.heartbeats.jobs(Scope.everything())}:
        raise Conflict(f"there is a job '{wanted.id}' already", "choose another id, or remove that one first")
    token = new_token(os.urandom)
    job = Heartbeat(
        wanted.id, nfc(wanted.name), unit, token_hash(token), wanted.every_s, wanted.grace_s, using.clock(),
        wanted.service,
    )  # fmt: skip
    using.state.heartbeats.put(caller.actor, job)
    return HeartbeatMade(heartbeat=_view(using, city, job), path=f"/api/v1/heartbeats/beat/{token}")


@router.delete("/{job_id}", status_code=204)
def remove_heartbeat(job_id: str, caller: Viewer, using: Using) -> None:
    """Its token no longer counts."""
    if job_id not in {job.id for job in using.state.heartbeats.jobs(writing_scope(using, caller))}:
        raise NotFound(f"there is no job '{job_id}' in your units", "read the list again")
    using.state.heartbeats.remove(caller.actor, job_id)


@router.get("/beat/{token}")
def beat_by_get(token: str, using: Using, ok: Ok = True, detail: Detail = "") -> BeatTaken:
    """A report, from a job that can only fetch. The token is all it needs."""
    return _beaten(using, token, ok, detail)


@router.post("/beat/{token}")
def beat(token: str, using: Using, ok: Ok = True, detail: Detail = "") -> BeatTaken:
    """A report that the job has run. The token is all it needs."""
    return _beaten(using, token, ok, detail)


def _beaten(using: Services, token: str, ok: bool, detail: str) -> BeatTaken:
    job = using.state.heartbeats.beat(_CALLER, token_hash(token), using.clock(), ok, visible(nfc(detail)))
    if job is None:
        raise NotFound("nobody has this token", "add the job anew with POST /api/v1/heartbeats")
    return BeatTaken(id=job.id, due_at=job.due_at)


def _view(using: Services, city: City, job: Heartbeat) -> HeartbeatView:
    service = city.inventory.services.get(job.service) if job.service else None
    return HeartbeatView(
        id=job.id,
        name=job.name,
        unit=unit_ref(city, job.unit),
        service=Ref(id=service.id, name=service.name) if service else None,
        every_s=job.every_s,
        grace_s=job.grace_s,
        last_at=job.last_at,
        last_ok=job.last_ok,
        detail=job.detail,
        due_at=job.due_at,
        late=job.late(using.clock()),
    )
