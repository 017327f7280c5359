"""Alert groups, incidents and events as the API says them."""

from collections.abc import Mapping
from typing import Any

from api.attention import Attention
from api.city import City
from api.schemas.base import Ref, WordsView
from api.schemas.events import EventView
from api.schemas.incidents import AlertGroupView, IncidentDetail, IncidentView, TimelineEntryView
from api.views.devices import device_view
from api.views.units import device_ref, service_ref, unit_ref, unit_refs
from wardwatch.incidents.clocks import due
from wardwatch.incidents.handover import late
from wardwatch.model.access import Scope
from wardwatch.model.incidents import AlertGroup, Incident, TimelineEntry
from wardwatch.model.queries import StoredEvent
from wardwatch.model.records import DEFAULT_NAMESPACE
from wardwatch.model.time import utc_now
from wardwatch.ports import RecordReader


def alert_group_view(city: City, group: AlertGroup) -> AlertGroupView:
    service = city.inventory.services.get(group.service) if group.service else None
    return AlertGroupView(
        id=group.id,
        namespace=group.namespace,
        drill=group.namespace != DEFAULT_NAMESPACE,
        rule_id=group.rule_id,
        rule_name=group.rule_name,
        category=group.category,
        severity=group.severity,
        source_ip=group.source_ip,
        destination_ip=group.destination_ip,
        unit=unit_ref(city, group.unit),
        device=device_ref(city, group.device),
        service=Ref(id=service.id, name=service.name) if service else None,
        technique=group.technique,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        count=group.count,
        incident=group.incident,
        state=group.state,
        handled_at=group.handled_at,
        handled_by=group.handled_by,
        verdict=group.verdict,
        suppression=group.suppression,
        cleared_at=group.cleared_at,
    )


def newest_events(records: RecordReader, scope: Scope, group: AlertGroup) -> list[EventView]:
    """The events behind a group, newest first; those past their age are gone."""
    found = [records.event(scope, position) for position in group.positions]
    kept = sorted((event for event in found if event), key=lambda event: event.at, reverse=True)
    return [event_view(event, original=False) for event in kept]


def incident_view(city: City, incident: Incident) -> IncidentView:
    return IncidentView(
        id=incident.id,
        number=incident.number,
        namespace=incident.namespace,
        drill=incident.drill,
        title=WordsView.model_validate(incident.title),
        state=incident.state,
        severity=incident.severity,
        unit=unit_ref(city, incident.unit),
        opened_at=incident.opened_at,
        updated_at=incident.updated_at,
        closed_at=incident.closed_at,
        assignee=incident.assignee,
        verdict=incident.verdict,
        due_at=due(incident),
        late=late(incident, utc_now()),
        devices_hurt=len(incident.devices),
        services_hurt=len(incident.services),
        techniques=list(incident.techniques),
        version=incident.version,
    )


def incident_detail(
    city: City,
    incident: Incident,
    timeline: tuple[TimelineEntry, ...],
    groups: tuple[AlertGroup, ...],
    noted: Attention,
) -> IncidentDetail:
    """Of its devices, units and services those that the caller sees; the counts speak of all of them."""
    shown = incident_view(city, incident)
    devices = [city.inventory.devices.get(device) for device in incident.devices]
    services = [city.inventory.services.get(service) for service in incident.services]
    return IncidentDetail(
        **{name: getattr(shown, name) for name in type(shown).model_fields},
        units=unit_refs(city, incident.units),
        devices=[device_view(city, device, noted) for device in devices if device],
        services=[service_ref(city, service) for service in services if service],
        timeline=[
            TimelineEntryView(
                id=entry.id,
                at=entry.at,
                kind=entry.kind,
                subject=entry.subject,
                summary=WordsView.model_validate(entry.summary),
                actor=entry.actor,
                detail=_in_sight(city, entry.detail),
            )
            for entry in sorted(timeline, key=lambda entry: entry.at)
        ],
        alert_groups=[alert_group_view(city, group) for group in groups],
    )


def _in_sight(city: City, detail: Mapping[str, Any]) -> dict[str, Any]:
    """A line's parts; of the many it touches those that the caller sees."""
    inventory = city.inventory
    seen: dict[str, Mapping[str, Any]] = {
        "units": inventory.units,
        "devices": inventory.devices,
        "services": inventory.services,
    }
    return dict(detail) | {name: [key for key in detail[name] if key in seen[name]] for name in seen if name in detail}


def event_view(event: StoredEvent, original: bool) -> EventView:
    """An event; lists leave `event.original` out, which is as long as the rest."""
    about: dict[str, Any] = dict(event.document.get("event", {}))
    if not original:
        about.pop("original", None)
    return EventView(
        source=event.position.source,
        offset=event.position.offset,
        at=event.at,
        dataset=str(about.get("dataset", "")),
        document=event.document | {"event": about},
    )
