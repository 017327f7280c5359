"""Sigma rules with what they have hit, and ATT&CK coverage."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Using, Viewer
from api.schemas.sigma import CoverageView, SigmaRulesView
from api.views.sigma import rules_view, technique_view
from detectors.sigma.coverage import covered, recent_groups, seen_by_rule

router = APIRouter(tags=["rules"])

Days = Annotated[int, Query(ge=1, le=366, description="How far back alerts are counted.")]


@router.get("/sigma/rules")
def get_sigma_rules(caller: Viewer, using: Using, days: Days = 30) -> SigmaRulesView:
    """Every Sigma rule that was read, and how often it was alerted in the caller's units."""
    since = using.clock() - timedelta(days=days)
    groups = recent_groups(using.state.alert_groups, caller.scope, since)
    return rules_view(using.sigma(), seen_by_rule(groups))


@router.get("/attack/coverage")
def get_attack_coverage(caller: Viewer, using: Using, days: Days = 30) -> CoverageView:
    """The ATT&CK techniques that rules would see, and what was alerted of them in the caller's units."""
    since = using.clock() - timedelta(days=days)
    groups = recent_groups(using.state.alert_groups, caller.scope, since)
    return CoverageView(since=since, items=[technique_view(each) for each in covered(using.sigma().abouts, groups)])
