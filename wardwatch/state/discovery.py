"""Searches for devices, and the candidates they brought that wait for a person."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, func, insert, or_, select, tuple_

from wardwatch.errors import Conflict
from wardwatch.model.access import Actor, Scope
from wardwatch.model.discovery import Candidate, CandidateQuery, CandidateState, Search, SearchState
from wardwatch.model.state import Page
from wardwatch.state.database import Database, Write
from wardwatch.state.dialects import upsert
from wardwatch.state.found_tables import discovery_candidate, discovery_key, discovery_search
from wardwatch.state.pages import in_scope, page_size, read_cursor, write_cursor


class SqlSearchStore:
    """`wardwatch.ports.SearchStore`. Who asked is audited once; progress is not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, actor: Actor, search: Search) -> None:
        with self._database.write(actor) as write:
            write.connection.execute(insert(discovery_search).values(_search_row(search)))
            units = (search.unit,) if search.unit else ()
            write.audit("discovery.ask", search.id, {"way": search.way.value, "target": search.target}, units)

    def take(self, actor: Actor, abandoned_before: datetime) -> Search | None:
        waiting = discovery_search.c.state == SearchState.WAITING.value
        abandoned = (discovery_search.c.state == SearchState.RUNNING.value) & (
            discovery_search.c.touched_at < abandoned_before
        )
        statement = select(discovery_search.c.body).where(or_(waiting, abandoned))
        with self._database.read() as connection:
            if connection.execute(statement.limit(1)).first() is None:
                return None
        with self._database.write(actor) as write:
            ordered = statement.order_by(discovery_search.c.asked_at, discovery_search.c.id).limit(1)
            body = write.connection.execute(ordered).scalar()
            if body is None:
                return None
            taken = replace(msgspec.convert(body, Search), state=SearchState.RUNNING, touched_at=write.now)
            upsert(write.connection, discovery_search, [_search_row(taken)])
            return taken

    def save(self, actor: Actor, search: Search) -> None:
        with self._database.write(actor) as write:
            upsert(write.connection, discovery_search, [_search_row(search)])

    def searches(self, scope: Scope, limit: int) -> Sequence[Search]:
        newest = (
            select(discovery_search.c.body)
            .where(in_scope(scope, discovery_search.c.unit))
            .order_by(discovery_search.c.asked_at.desc(), discovery_search.c.id)
        )
        with self._database.read() as connection:
            return [msgspec.convert(body, Search) for body in connection.scalars(newest.limit(page_size(limit)))]

    def search(self, scope: Scope, search_id: str) -> Search | None:
        statement = select(discovery_search.c.body).where(
            discovery_search.c.id == search_id, in_scope(scope, discovery_search.c.unit)
        )
        with self._database.read() as connection:
            body = connection.execute(statement).scalar()
        return msgspec.convert(body, Search) if body is not None else None


class SqlDiscoveryStore:
    """`wardwatch.ports.DiscoveryStore`. A candidate is seen by whoever sees the unit it is proposed for; the audit
    chain gets what comes new and what people decide, not each time a candidate is seen again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, actor: Actor, candidates: Sequence[tuple[Candidate, Sequence[str]]]) -> None:
        with self._database.write(actor) as write:
            ids = [candidate.id for candidate, _ in candidates]
            stored = _stored(write, ids)
            for candidate, _ in candidates:
                before = stored.get(candidate.id)
                if candidate.version != (before.version if before else 0) + 1:
                    raise Conflict(
                        f"candidate {candidate.id} is at version {before.version if before else 0},"
                        f" so it cannot be saved as version {candidate.version}",
                        "read it again and repeat the change",
                    )
            upsert(write.connection, discovery_candidate, [_candidate_row(candidate) for candidate, _ in candidates])
            _write_keys(write, candidates)
            _audit(write, stored, [candidate for candidate, _ in candidates])

    def candidate(self, scope: Scope, candidate_id: str) -> Candidate | None:
        statement = select(discovery_candidate.c.body).where(
            discovery_candidate.c.id == candidate_id, in_scope(scope, discovery_candidate.c.unit)
        )
        with self._database.read() as connection:
            body = connection.execute(statement).scalar()
        return msgspec.convert(body, Candidate) if body is not None else None

    def candidates(self, scope: Scope, query: CandidateQuery) -> Page[Candidate]:
        limit, columns = page_size(query.limit), discovery_candidate.c
        matching = [in_scope(scope, columns.unit), *_conditions(query)]
        statement = select(columns.body).where(*matching)
        if query.cursor:
            statement = statement.where(tuple_(columns.last_seen, columns.id) < read_cursor(query.cursor))
        newest = statement.order_by(columns.last_seen.desc(), columns.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            found = [msgspec.convert(body, Candidate) for body in connection.scalars(newest)]
            counted = select(func.count()).select_from(discovery_candidate).where(*matching)
            total = connection.execute(counted).scalar_one()
        items = tuple(found[:limit])
        return Page(items, write_cursor(items[-1].last_seen, items[-1].id) if len(found) > limit else None, total)

    def known_as(self, scope: Scope, keys: Collection[str]) -> Mapping[str, Candidate]:
        statement = (
            select(discovery_key.c.key, discovery_candidate.c.body)
            .join(discovery_candidate, discovery_candidate.c.id == discovery_key.c.candidate)
            .where(discovery_key.c.key.in_(sorted(keys)), in_scope(scope, discovery_candidate.c.unit))
        )
        with self._database.read() as connection:
            return {row.key: msgspec.convert(row.body, Candidate) for row in connection.execute(statement)}


def _stored(write: Write, ids: Sequence[str]) -> dict[str, Candidate]:
    statement = select(discovery_candidate.c.body).where(discovery_candidate.c.id.in_(ids))
    found = [msgspec.convert(body, Candidate) for body in write.connection.scalars(statement)]
    return {candidate.id: candidate for candidate in found}


def _write_keys(write: Write, candidates: Sequence[tuple[Candidate, Sequence[str]]]) -> None:
    """A key that moved on to another candidate (an address that was given away) is that one's from now on."""
    ids = [candidate.id for candidate, _ in candidates]
    write.connection.execute(delete(discovery_key).where(discovery_key.c.candidate.in_(ids)))
    rows = {key: {"key": key, "candidate": candidate.id} for candidate, keys in candidates for key in keys}
    upsert(write.connection, discovery_key, list(rows.values()))


def _audit(write: Write, stored: Mapping[str, Candidate], saved: Sequence[Candidate]) -> None:
    new = [candidate for candidate in saved if candidate.id not in stored]
    if new:
        units = {candidate.proposal.unit for candidate in new if candidate.proposal.unit}
        write.audit("discovery.found", f"{len(new)} candidates", {"new": [each.heard.address for each in new]}, units)
    for candidate in saved:
        before = stored.get(candidate.id)
        if before is not None and before.state is not candidate.state:
            detail = {"address": candidate.heard.address, "device": candidate.device, "from": before.state.value}
            units = {candidate.proposal.unit} if candidate.proposal.unit else set()
            action = "discovery.found" if candidate.state is CandidateState.NEW else f"discovery.{candidate.state}"
            write.audit(action, candidate.id, detail, units)


def _conditions(query: CandidateQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.states:
        conditions.append(discovery_candidate.c.state.in_([state.value for state in query.states]))
    if query.way is not None:
        conditions.append(discovery_candidate.c.way == query.way.value)
    return conditions


def _body(thing: Any) -> Any:
    return json.loads(msgspec.json.encode(thing))


def _search_row(search: Search) -> dict[str, Any]:
    return {
        "id": search.id,
        "unit": search.unit,
        "state": search.state.value,
        "asked_at": search.asked_at,
        "touched_at": search.touched_at,
        "body": _body(search),
    }


def _candidate_row(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": candidate.id,
        "unit": candidate.proposal.unit,
        "state": candidate.state.value,
        "way": candidate.heard.way.value,
        "last_seen": candidate.last_seen,
        "body": _body(candidate),
    }
