"""Digital certificates: those that are kept, and those that checks have seen."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.city import City
from api.dependencies import Limit, Search, Using, Viewer, writing_scope
from api.schemas.base import ListPage, Ref
from api.schemas.certificates import CertificatesRequest, CertificateView, Kind
from api.views.services import Newest, newest
from api.views.units import find_unit, unit_ref, within
from wardwatch.errors import Forbidden, NotFound
from wardwatch.model.access import Scope
from wardwatch.model.care import HeldCertificate
from wardwatch.model.text import fold, nfc

router = APIRouter(prefix="/certificates", tags=["services"])


@router.get("")
def list_certificates(
    caller: Viewer,
    using: Using,
    kind: Annotated[Kind | None, Query()] = None,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    within_days: Annotated[int | None, Query(ge=0, le=3650, description="Ends within so many days.")] = None,
    q: Search = None,
    limit: Limit = 500,
) -> ListPage[CertificateView]:
    """Certificates of the caller's units, the first to end first."""
    city, now = using.cities.city(caller.scope), using.clock()
    scope = within(city, unit)
    rows = [_held(city, each, now) for each in using.state.care.certificates(scope)]
    rows += [row for row in _found(city, newest(using.records, now), now) if row.unit and scope.sees(row.unit.id)]
    word = fold(q) if q else ""
    chosen = [
        row
        for row in sorted(rows, key=lambda row: (row.valid_to, row.id))
        if kind in (None, row.kind)
        and (within_days is None or row.days <= within_days)
        and word in fold(f"{row.holder} {row.serial or ''} {row.id}")
    ]
    return ListPage(items=chosen[:limit], total=len(chosen))


@router.post("", status_code=201)
def hold_certificates(wanted: CertificatesRequest, caller: Viewer, using: Using) -> ListPage[CertificateView]:
    """Keeps these certificates; those of known ids are changed."""
    city, scope, now = using.cities.city(caller.scope), writing_scope(using, caller), using.clock()
    known = {each.id: each for each in using.state.care.certificates(Scope.everything())}
    held = []
    for each in wanted.certificates:
        unit, before = find_unit(city, each.unit).id, known.get(each.id)
        if not scope.sees(unit) or (before is not None and not scope.sees(before.unit)):
            raise Forbidden(f"the certificate '{each.id}' is of a unit where you may not write")
        texts = {name: nfc(getattr(each, name)) for name in ("holder", "issuer", "serial")}
        held.append(HeldCertificate(**{**each.model_dump(), **texts, "unit": unit}))
    using.state.care.hold(caller.actor, held)
    return ListPage(items=[_held(city, each, now) for each in held], total=len(held))


@router.delete("/{certificate_id}", status_code=204)
def let_go_of_certificate(certificate_id: str, caller: Viewer, using: Using) -> None:
    """No longer keeps it."""
    scope = writing_scope(using, caller)
    if certificate_id not in {each.id for each in using.state.care.certificates(scope)}:
        raise NotFound(f"there is no certificate '{certificate_id}' in your units", "read the list again")
    using.state.care.let_go(caller.actor, certificate_id)


def _held(city: City, each: HeldCertificate, now: datetime) -> CertificateView:
    days = (each.valid_to - now).total_seconds() / 86_400
    return CertificateView(
        id=each.id,
        kind=each.kind,  # type: ignore[arg-type]  # what was stored was such a kind
        found=False,
        holder=each.holder,
        unit=unit_ref(city, each.unit),
        service=None,
        issuer=each.issuer,
        serial=each.serial,
        valid_to=each.valid_to,
        days=round(days, 2),
        warning=days < each.warn_days,
    )


def _found(city: City, results: Newest, now: datetime) -> list[CertificateView]:
    """What checks of services in sight have seen."""
    rows = []
    for check in city.inventory.checks.values():
        row, service = results.get(check.id), city.inventory.services[check.service]
        left = row.values.get("certificate_days") if row is not None else None
        if row is None or left is None:
            continue
        valid_to = row.at + timedelta(days=left)
        days = (valid_to - now).total_seconds() / 86_400
        rows.append(
            CertificateView(
                id=f"check:{check.id}",
                kind="server",
                found=True,
                holder=check.host,
                unit=unit_ref(city, service.owner),
                service=Ref(id=service.id, name=service.name),
                issuer=None,
                serial=None,
                valid_to=valid_to,
                days=round(days, 2),
                warning=days < check.certificate_days,
            )
        )
    return rows
