"""Users, their grants and sessions."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, select

from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Role, Scope
from wardwatch.model.state import Grant, Session, User
from wardwatch.state import tables
from wardwatch.state.database import Database
from wardwatch.state.dialects import upsert
from wardwatch.state.pages import in_scope
from wardwatch.state.tables import grant, session, user


class SqlAccountStore:
    """`wardwatch.ports.AccountStore`. Neither hashes of passwords nor of tokens go into the audit chain.

    A user without a grant in sight is seen with the whole city only.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def user(self, name: str) -> User | None:
        with self._database.read() as connection:
            row = connection.execute(select(user).where(user.c.name == name)).mappings().first()
        return User(**row) if row else None

    def put_user(self, actor: Actor, user: User, grants: Sequence[Grant]) -> None:
        """Inserts or replaces a user together with all grants. A user who is no longer active loses their sessions."""
        for given in grants:
            if given.user != user.name:
                raise UserError(f"a grant of {given.user} cannot be given to {user.name}")
        with self._database.write(actor) as write:
            upsert(write.connection, tables.user, [asdict(user)])
            write.connection.execute(delete(grant).where(grant.c.account == user.name))
            rows = [{"account": user.name, "role": str(given.role), "unit": given.unit} for given in grants]
            if rows:
                write.connection.execute(insert(grant), rows)
            if not user.active:
                write.connection.execute(delete(session).where(session.c.account == user.name))
            roles = [[str(given.role), given.unit] for given in grants]
            units = {given.unit for given in grants if given.unit}
            detail = {"active": user.active, "full_name": user.full_name, "grants": roles, "units": sorted(units)}
            write.audit("user.put", user.name, detail, units)

    def users(self, scope: Scope) -> Sequence[User]:
        statement = select(user)
        if scope.units is not None:
            statement = statement.where(user.c.name.in_(select(grant.c.account).where(in_scope(scope, grant.c.unit))))
        with self._database.read() as connection:
            found = [User(**row) for row in connection.execute(statement).mappings()]
        # Each database sorts text by rules of its own.
        return sorted(found, key=lambda user: user.name)

    def grants(self, name: str) -> Sequence[Grant]:
        statement = select(grant).where(grant.c.account == name).order_by(grant.c.id)
        with self._database.read() as connection:
            return [Grant(row.account, Role(row.role), row.unit) for row in connection.execute(statement)]

    def open_session(self, actor: Actor, session: Session) -> None:
        """Adds a session; those that have expired by its beginning are forgotten."""
        with self._database.write(actor) as write:
            write.connection.execute(delete(tables.session).where(tables.session.c.expires_at <= session.created_at))
            row = {
                "token_hash": session.token_hash,
                "account": session.user,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
                "address": session.address,
            }
            write.connection.execute(insert(tables.session).values(row))
            detail = {"expires_at": session.expires_at.isoformat(), "address": session.address}
            write.audit("session.open", session.user, detail)

    def session(self, token_hash: str, now: datetime) -> Session | None:
        """The session of a token; None when it has expired or its user is not active."""
        statement = (
            select(session)
            .join(user, user.c.name == session.c.account)
            .where(session.c.token_hash == token_hash, session.c.expires_at > now, user.c.active)
        )
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return Session(row.token_hash, row.account, row.created_at, row.expires_at, row.address) if row else None

    def close_session(self, actor: Actor, token_hash: str) -> None:
        with self._database.write(actor) as write:
            owner = write.connection.scalar(select(session.c.account).where(session.c.token_hash == token_hash))
            if owner is not None:
                write.connection.execute(delete(session).where(session.c.token_hash == token_hash))
                write.audit("session.close", owner)
