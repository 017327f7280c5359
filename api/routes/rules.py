"""Suricata's rules: the set that sensors get, the candidate, versions; deploying and going back.

Rules belong to the whole city, so that everybody who works here may read them; what they alerted is counted in the
caller's units. They are changed by engineers, analysts and administrators of the whole city.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.dependencies import Caller, Cursor, IdempotencyKey, Limit, Search, Services, Using, Viewer, writing_scope
from api.paging import page
from api.problems import ApiError
from api.schemas.rules import (
    ArchiveView,
    ReplayView,
    RuleCandidateView,
    RuleDeployRequest,
    RuleDetail,
    RuleRollbackRequest,
    RulesPage,
    RuleUpdateRequest,
    RuleVersionsView,
    RuleVersionView,
    RuleWorkshop,
)
from api.views.rules import candidate_view, replay_view, rule_facts, rule_view, version_view, versions_view
from detectors.rules.catalogue import suits
from detectors.rules.keeper import RuleKeeper
from detectors.rules.seen import RuleSeen, seen
from wardwatch.errors import Forbidden, NotFound
from wardwatch.model.access import Role
from wardwatch.model.time import TimeRange

router = APIRouter(prefix="/rules", tags=["rules"])

RULERS = frozenset({Role.ENGINEER, Role.ANALYST, Role.ADMINISTRATOR})
Days = Annotated[int, Query(ge=1, le=366, description="How far back alerts are counted.")]


@router.get("")
def list_rules(
    caller: Viewer,
    using: Using,
    q: Search = None,
    enabled: Annotated[bool | None, Query(description="Loaded by the sensors, or not.")] = None,
    alerting: Annotated[bool | None, Query(description="Alerted in that time, or not.")] = None,
    days: Days = 30,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> RulesPage:
    """The rules that sensors get, those that alert most first."""
    keeper, found = _keeper(using), _seen(using, caller, days)
    listed = using.catalogue.rules(keeper.places.deployed)
    wanted = (
        (each.rule, found.get(each.rule.sid, RuleSeen()))
        for each in listed
        if suits(each.words, q) and enabled in (None, each.rule.enabled)
    )
    if alerting is not None:
        wanted = (pair for pair in wanted if (pair[1].alerts > 0) is alerting)
    shown, following, total = page(wanted, lambda pair: (-pair[1].alerts, pair[0].sid), cursor, limit)
    return RulesPage(
        items=[rule_view(rule, told) for rule, told in shown],
        next=following,
        total=total,
        active=sum(each.rule.enabled for each in listed),
        version=keeper.versions.deployed() or None,
        since=using.clock() - timedelta(days=days),
    )


@router.get("/versions")
def list_versions(caller: Viewer, using: Using) -> RuleVersionsView:
    """What was deployed, when, by whom and why, and the rollout under way."""
    return versions_view(_keeper(using))


@router.get("/candidate")
def get_rule_candidate(caller: Viewer, using: Using) -> RuleWorkshop:
    """The candidate with what it would change."""
    keeper = _keeper(using)
    found = keeper.candidate()
    candidate = None if found is None else candidate_view(found[0], using.catalogue.changes(keeper.places), found[1])
    return RuleWorkshop(
        candidate=candidate, captures=keeper.has_captures(), first=list(keeper.settings().rollout.first)
    )


@router.post("/candidate", status_code=201)
def build_candidate(
    wanted: RuleUpdateRequest, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> RuleCandidateView:
    """Reads the sources and builds a new candidate, which takes seconds; 409 while somebody else works on rules."""
    keeper = _ruler(using, caller)

    def write() -> RuleCandidateView:
        candidate = keeper.update(caller.actor, wanted.offline)
        return candidate_view(candidate, using.catalogue.changes(keeper.places), None)

    return using.writes.once(caller.user.name, idempotency_key, f"rules {wanted.model_dump_json()}", write)


@router.post("/candidate/replay", status_code=201)
def replay_candidate(caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None) -> ReplayView:
    """Reads the stored captures with the deployed rules and with the candidate; a few captures a second."""
    keeper = _ruler(using, caller)

    def write() -> ReplayView:
        return replay_view(keeper.replay(caller.actor)[1])

    return using.writes.once(caller.user.name, idempotency_key, "rules replay", write)


@router.post("/deployments", status_code=201)
def deploy_candidate(
    wanted: RuleDeployRequest, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> RuleVersionView:
    """Hands the candidate to the sensors, which load it within a minute; 409 when it is another one meanwhile."""
    keeper = _ruler(using, caller)

    def write() -> RuleVersionView:
        return version_view(keeper.deploy(caller.actor, wanted.version, wanted.why, staged=not wanted.at_once))

    return using.writes.once(caller.user.name, idempotency_key, f"deploy {wanted.model_dump_json()}", write)


@router.post("/rollback", status_code=201)
def roll_back(
    wanted: RuleRollbackRequest, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> RuleVersionView:
    """Hands all sensors an earlier set at once, or ends a rollout under way."""
    keeper = _ruler(using, caller)

    def write() -> RuleVersionView:
        return version_view(keeper.roll_back(caller.actor, wanted.version, wanted.why))

    return using.writes.once(caller.user.name, idempotency_key, f"rollback {wanted.model_dump_json()}", write)


ARCHIVE_BODY: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/archives", status_code=201, openapi_extra=dict(ARCHIVE_BODY))
async def bring_archive(
    request: Request,
    caller: Viewer,
    using: Using,
    name: Annotated[str, Query(pattern=r"^\w[\w.+-]{0,99}$", examples=["city-2026-11.tar.gz"])],
) -> ArchiveView:
    """Keeps an archive of rules (tar, zip, or one *.rules) that was brought by hand, for `archive:` in rules.yaml."""
    keeper = _ruler(using, caller)
    size = await keeper.bring(caller.actor, name, request.stream())
    return ArchiveView(name=name, bytes=size)


@router.get("/{sid}")
def get_rule(sid: int, caller: Viewer, using: Using, days: Days = 30) -> RuleDetail:
    """One rule with its text."""
    keeper, told = _keeper(using), _seen(using, caller, days).get(sid, RuleSeen())
    for each in using.catalogue.rules(keeper.places.deployed):
        if each.rule.sid == sid:
            return RuleDetail(**rule_facts(each.rule), text=each.rule.text, alerts=told.alerts, last_at=told.last_at)
    raise NotFound(f"no rule that sensors get has the sid {sid}", "look for it with /api/v1/rules?q=")


def _seen(using: Services, caller: Caller, days: int) -> Mapping[int, RuleSeen]:
    now = using.clock()
    time = TimeRange(now - timedelta(days=days), now)

    def make() -> Mapping[int, RuleSeen]:
        return seen(
            lambda query, by: using.records.count(caller.scope, query, by), using.state.alert_groups, caller.scope, time
        )

    return using.rules_seen.get((caller.scope, days), make)


def _keeper(using: Services) -> RuleKeeper:
    if using.rules is None:
        raise ApiError(503, "rules are not managed here", "run the core of an installation")
    return using.rules


def _ruler(using: Services, caller: Caller) -> RuleKeeper:
    if writing_scope(using, caller, RULERS).units is not None:
        raise Forbidden("rules belong to no unit", "ask for the role in the whole city")
    return _keeper(using)
