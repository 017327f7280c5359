"""The topology as it was worked out last, and who was seen on which port."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_

from wardwatch.model.access import Actor, Scope
from wardwatch.model.records import DeviceFacts
from wardwatch.model.state import Page
from wardwatch.model.topology import Found, FoundLink, RedundancyGroup, Sighting, SightingQuery
from wardwatch.state.database import Database, Write
from wardwatch.state.devices import device_in_scope
from wardwatch.state.dialects import upsert
from wardwatch.state.found_tables import port_sighting, topology_group, topology_group_device, topology_link
from wardwatch.state.pages import in_scope, page_size, read_cursor, write_cursor
from wardwatch.state.tables import device, device_facts

_KEY = ("mac", "ip", "device", "port", "vlan")
_AT_ONCE = 500


class SqlTopologyStore:
    """`wardwatch.ports.TopologyStore`. A link is seen from either end, a group by whoever sees one of its devices.
    The audit chain gets one entry a change of what is joined to what; that evidence was confirmed is none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self, scope: Scope, kinds: Sequence[str]) -> Sequence[DeviceFacts]:
        statement = select(device_facts).where(device_facts.c.kind.in_(list(kinds)), device_in_scope(scope))
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(device_facts.c.device, device_facts.c.kind)).all()
        return [DeviceFacts(row.device, row.kind, row.at, tuple(row.rows)) for row in rows]

    def read(self, scope: Scope) -> Found:
        seen = select(device.c.id).where(in_scope(scope, device.c.unit))
        links, groups = select(topology_link.c.body), select(topology_group.c.body)
        if scope.units is not None:
            links = links.where(or_(topology_link.c.upper.in_(seen), topology_link.c.lower.in_(seen)))
            members = select(topology_group_device.c.group).where(topology_group_device.c.device.in_(seen))
            groups = groups.where(topology_group.c.id.in_(members))
        with self._database.read() as connection:
            found_links = [msgspec.convert(body, FoundLink) for body in connection.scalars(links)]
            found_groups = [msgspec.convert(body, RedundancyGroup) for body in connection.scalars(groups)]
        by_id = sorted(found_links, key=lambda link: link.id), sorted(found_groups, key=lambda group: group.id)
        return Found(tuple(by_id[0]), tuple(by_id[1]))

    def replace(self, actor: Actor, found: Found) -> None:
        with self._database.write(actor) as write:
            added, removed = _replace_links(write, found.links)
            groups = _replace_groups(write, found.groups)
            if added or removed or groups:
                detail = {"joined": added[:100], "parted": removed[:100], "groups": groups[:100]}
                write.audit("topology.change", f"{len(added) + len(removed)} links", detail)


class SqlSightingStore:
    """`wardwatch.ports.SightingStore`. Not audited: it is what the network does, not what anybody decides."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, actor: Actor, sightings: Sequence[Sighting]) -> None:
        with self._database.write(actor) as write:
            for start in range(0, len(sightings), _AT_ONCE):
                _note(write, sightings[start : start + _AT_ONCE])

    def find(self, scope: Scope, query: SightingQuery) -> Page[Sighting]:
        limit, columns = page_size(query.limit), port_sighting.c
        wanted = {name: getattr(query, name) for name in ("mac", "ip", "device", "port")}
        matching = [_seen_by(scope), *(columns[name] == value for name, value in wanted.items() if value is not None)]
        statement = select(port_sighting).where(*matching)
        if query.cursor:
            at, key = read_cursor(query.cursor)
            statement = statement.where(_after(at, key))
        newest = statement.order_by(columns.last_seen.desc(), *(columns[name].desc() for name in _KEY)).limit(limit + 1)
        with self._database.read() as connection:
            found = [Sighting(**row) for row in connection.execute(newest).mappings()]
            counted = select(func.count()).select_from(port_sighting).where(*matching)
            total = connection.execute(counted).scalar_one()
        items = tuple(found[:limit])
        return Page(items, _cursor(items[-1]) if len(found) > limit else None, total)

    def forget(self, actor: Actor, before: datetime, most: int) -> int:
        columns = port_sighting.c
        with self._database.write(actor) as write:
            gone = write.connection.execute(delete(port_sighting).where(columns.last_seen < before)).rowcount
            gone += write.connection.execute(
                delete(port_sighting).where(columns.device.not_in(select(device.c.id)))
            ).rowcount
            newest = select(port_sighting).order_by(columns.last_seen.desc(), *(columns[name].desc() for name in _KEY))
            last = write.connection.execute(newest.offset(most - 1).limit(1)).mappings().first()
            if last is not None:
                beyond = _after(*read_cursor(_cursor(Sighting(**last))))
                gone += write.connection.execute(delete(port_sighting).where(beyond)).rowcount
        return int(gone)


def _replace_links(write: Write, links: Sequence[FoundLink]) -> tuple[list[str], list[str]]:
    """Makes the table equal to what was found; the links that came and went, in words."""
    stored = {row.id: row for row in write.connection.execute(select(topology_link))}
    rows = {link.id: _link_row(link) for link in links}
    gone = sorted(stored.keys() - rows.keys())
    _delete(write, topology_link.c.id, gone, topology_link)
    upsert(write.connection, topology_link, [row for key, row in rows.items() if _differs(stored.get(key), row)])
    added = [f"{row['upper']} - {row['lower']}" for key, row in sorted(rows.items()) if key not in stored]
    return added, [f"{stored[key].upper} - {stored[key].lower}" for key in gone]


def _replace_groups(write: Write, groups: Sequence[RedundancyGroup]) -> list[str]:
    stored = {row.id: row for row in write.connection.execute(select(topology_group))}
    rows = {group.id: {"id": group.id, "body": _body(group)} for group in groups}
    gone = sorted(stored.keys() - rows.keys())
    changed = [key for key, row in rows.items() if _differs(stored.get(key), row)]
    moved = [*gone, *changed]
    _delete(write, topology_group_device.c.group, moved, topology_group_device)
    _delete(write, topology_group.c.id, gone, topology_group)
    upsert(write.connection, topology_group, [rows[key] for key in changed])
    members = [
        {"group": group.id, "device": name} for group in groups if group.id in set(changed) for name in group.devices
    ]
    if members:
        write.connection.execute(topology_group_device.insert(), members)
    return sorted(moved)


def _delete(write: Write, column: Any, keys: Sequence[str], table: Any) -> None:
    for start in range(0, len(keys), _AT_ONCE):
        write.connection.execute(delete(table).where(column.in_(keys[start : start + _AT_ONCE])))


def _differs(stored: Any, row: dict[str, Any]) -> bool:
    return stored is None or stored.body != row["body"]


def _link_row(link: FoundLink) -> dict[str, Any]:
    return {"id": link.id, "upper": link.upper.device, "lower": link.lower.device, "body": _body(link)}


def _body(thing: Any) -> Any:
    return json.loads(msgspec.json.encode(thing))


def _note(write: Write, sightings: Sequence[Sighting]) -> None:
    """Widens what is known; an address that was not known of a host before takes its row over."""
    columns = port_sighting.c
    macs = sorted({sighting.mac for sighting in sightings})
    stored = write.connection.execute(select(port_sighting).where(columns.mac.in_(macs))).mappings()
    first: dict[tuple[Any, ...], datetime] = {tuple(row[name] for name in _KEY): row["first_seen"] for row in stored}
    rows, named = {}, []
    for sighting in sightings:
        key = tuple(getattr(sighting, name) for name in _KEY)
        nameless = (key[0], "", *key[2:])
        begun = [at for at in (first.get(key), first.get(nameless) if sighting.ip else None) if at is not None]
        if sighting.ip and nameless in first:
            named.append(nameless)
        rows[key] = {**asdict(sighting), "first_seen": min([sighting.first_seen, *begun])}
    upsert(write.connection, port_sighting, list(rows.values()))
    if named:
        write.connection.execute(delete(port_sighting).where(tuple_(*(columns[name] for name in _KEY)).in_(named)))


def _seen_by(scope: Scope) -> ColumnElement[bool]:
    if scope.units is None:
        return in_scope(scope, device.c.unit)
    return port_sighting.c.device.in_(select(device.c.id).where(in_scope(scope, device.c.unit)))


def _cursor(last: Sighting) -> str:
    return write_cursor(last.last_seen, json.dumps([getattr(last, name) for name in _KEY]))


def _after(at: datetime, key: str) -> ColumnElement[bool]:
    """Rows after the one of a cursor, in the order of the list."""
    columns = port_sighting.c
    try:
        values = json.loads(key)
    except ValueError:
        values = []
    if not isinstance(values, list) or len(values) != len(_KEY):
        return columns.last_seen < at
    return or_(
        columns.last_seen < at,
        and_(columns.last_seen == at, tuple_(*(columns[name] for name in _KEY)) < tuple(values)),
    )
