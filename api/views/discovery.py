"""Searches and candidates as the API says them: only of what the caller may see."""

from api.city import City
from api.schemas.base import Ref, WordsView
from api.schemas.discovery import CandidateView, DuplicateView, ProposalView, SearchView
from api.views.units import device_ref, unit_ref
from wardwatch.model.discovery import Candidate, Duplicate, Proposal, Search
from wardwatch.model.inventory import DeviceRole


def search_view(city: City, search: Search) -> SearchView:
    return SearchView(
        id=search.id,
        way=search.way,
        target=search.target,
        unit=unit_ref(city, search.unit),
        port=search.port,
        depth=search.depth,
        state=search.state,
        asked_by=search.asked_by,
        asked_at=search.asked_at,
        ended_at=search.ended_at,
        asked=search.asked,
        answered=search.answered,
        known=search.known,
        found=search.found,
        passed_over=search.passed_over,
        note=search.note,
    )


def candidate_view(city: City, candidate: Candidate) -> CandidateView:
    heard = candidate.heard
    return CandidateView(
        id=candidate.id,
        state=candidate.state,
        address=heard.address,
        port=heard.port,
        addresses=list(heard.addresses),
        credential=heard.credential,
        name=heard.name,
        object_id=heard.object_id,
        descr=heard.descr,
        family=heard.family,
        vendor=heard.vendor,
        model=heard.model,
        serial=heard.serial,
        chassis=heard.chassis,
        way=heard.way,
        source=heard.source,
        seen_by=device_ref(city, heard.seen_by),
        first_seen=candidate.first_seen,
        last_seen=candidate.last_seen,
        proposal=_proposal(city, candidate.proposal),
        duplicate=_duplicate(city, candidate.duplicate),
        device=device_ref(city, candidate.device),
        decided_by=candidate.decided_by,
        decided_at=candidate.decided_at,
        version=candidate.version,
    )


def _proposal(city: City, proposal: Proposal) -> ProposalView:
    return ProposalView(
        id=proposal.id,
        name=proposal.name,
        role=DeviceRole(proposal.role) if proposal.role else None,
        unit=unit_ref(city, proposal.unit),
        site=proposal.site,
        zone=proposal.zone,
        reasons=[WordsView(vi=words.vi, en=words.en) for words in proposal.reasons],
    )


def _duplicate(city: City, duplicate: Duplicate | None) -> DuplicateView | None:
    """A device out of sight is not named."""
    device: Ref | None = device_ref(city, duplicate.device) if duplicate is not None else None
    return DuplicateView(device=device, by=duplicate.by) if device is not None and duplicate is not None else None
