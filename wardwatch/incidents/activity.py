"""What an open incident is about, read from its own timeline: enough to tell whether a finding belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardwatch.model.incidents import AlertGroup, EntryKind, Incident, TimelineEntry


@dataclass(slots=True)
class Activity:
    """An open incident's units, failed devices (each with when it failed; None once recovered), techniques and
    addresses, and the span of its findings in event time; `touched` is when it was last written, by the clock.
    `named` are the names of the failed device that titles it and of its unit."""

    incident: str
    namespace: str
    touched: datetime
    units: set[str] = field(default_factory=set)
    outages: dict[str, datetime | None] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)
    techniques: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    alerts: int = 0
    named: tuple[str, str] | None = None
    first: datetime | None = None
    last: datetime | None = None

    def learn(self, entry: TimelineEntry) -> None:
        """Takes one line of the timeline in."""
        detail = entry.detail
        match detail.get("event"):
            case "outage_started":
                if self.named is None or self.cut_off_by(detail["devices"]):
                    self.named = (detail["device_name"], detail["unit_name"])
                self.outages[detail["device"]] = entry.at
                self.devices |= {detail["device"], *detail["devices"]}
                self.units.add(detail["unit"])
            case "outage_recovered":
                self.outages[detail["device"]] = None
            case "alerts":
                self.alerts += 1
                self.units |= {unit for unit in (detail["unit"], *detail["units"]) if unit is not None}
                self.techniques |= {technique for technique in (detail["technique"],) if technique is not None}
                self.addresses |= {
                    address for address in (detail["source_ip"], detail["destination_ip"]) if address is not None
                }
                self._stretch(datetime.fromisoformat(detail["last_seen"]))
            case _:
                return
        self._stretch(entry.at)

    def near(self, first: datetime, last: datetime, window: timedelta, longest: timedelta) -> bool:
        """Whether a span of event time lies within the window of this story, and the story is not endless."""
        if self.first is None or self.last is None:
            return False
        return last >= self.first - window and first <= self.last + window and first - self.first <= longest

    @property
    def unfinished(self) -> bool:
        """Whether a device of it is still to recover."""
        return any(since is not None for since in self.outages.values())

    def cut_off_by(self, behind: Iterable[str]) -> bool:
        """Whether a failed device of it stands behind one that has these behind it."""
        return not self.outages.keys().isdisjoint(behind)

    def shares_entity(self, group: AlertGroup) -> bool:
        """Whether a group has a technique or an address of this story."""
        return group.technique in self.techniques or not self.addresses.isdisjoint(
            {group.source_ip, group.destination_ip} - {None}
        )

    def _stretch(self, at: datetime) -> None:
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)


def activity_of(incident: Incident, timeline: Iterable[TimelineEntry]) -> Activity:
    """The activity of a stored incident."""
    activity = Activity(incident.id, incident.namespace, incident.updated_at)
    for entry in sorted(timeline, key=lambda entry: entry.at):
        if entry.kind in (EntryKind.ALERT_GROUP, EntryKind.OUTAGE):
            activity.learn(entry)
    return activity
