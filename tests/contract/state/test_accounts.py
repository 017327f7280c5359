"""Users, grants and sessions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor, Role, Scope
from wardwatch.model.state import Grant, Session, User
from wardwatch.model.time import TimeRange

ADMIN = Actor("root")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ALL = Scope.everything()
AN = User("an", "Nguyễn Văn An", "$argon2id$an")


def session(token: str = "t1", **changes: Any) -> Session:
    return replace(Session(token, "an", AT, AT + timedelta(hours=8), "10.0.0.9"), **changes)


def test_a_user_is_replaced_with_all_grants(engine: Any, state: Any) -> None:
    assert state.accounts.user("an") is None
    state.accounts.put_user(ADMIN, AN, [Grant("an", Role.OPERATOR, "w1"), Grant("an", Role.ANALYST)])
    state.accounts.put_user(ADMIN, replace(AN, language="en"), [Grant("an", Role.VIEWER, "w2")])
    state = engine.restart()
    assert state.accounts.user("an") == replace(AN, language="en")
    assert list(state.accounts.grants("an")) == [Grant("an", Role.VIEWER, "w2")]
    with pytest.raises(UserError, match="cannot be given"):
        state.accounts.put_user(ADMIN, AN, [Grant("binh", Role.ADMINISTRATOR)])


def test_a_scope_sees_the_users_of_its_units(state: Any) -> None:
    state.accounts.put_user(ADMIN, AN, [Grant("an", Role.OPERATOR, "w1")])
    state.accounts.put_user(ADMIN, User("root", "Quản trị", "x"), [Grant("root", Role.ADMINISTRATOR)])
    assert [user.name for user in state.accounts.users(ALL)] == ["an", "root"]
    assert [user.name for user in state.accounts.users(Scope.of("w1"))] == ["an"]
    assert list(state.accounts.users(Scope.of("w2"))) == []


def test_sessions_end(state: Any) -> None:
    state.accounts.put_user(ADMIN, AN, [])
    state.accounts.open_session(Actor("an"), session())
    assert state.accounts.session("t1", AT) == session()
    assert state.accounts.session("t2", AT) is None
    assert state.accounts.session("t1", AT + timedelta(hours=8)) is None
    state.accounts.open_session(Actor("an"), session("t2"))
    state.accounts.close_session(Actor("an"), "t1")
    assert state.accounts.session("t1", AT) is None
    state.accounts.put_user(ADMIN, replace(AN, active=False), [])
    state.accounts.put_user(ADMIN, AN, [])
    assert state.accounts.session("t2", AT) is None


def test_a_session_belongs_to_a_user(state: Any) -> None:
    with pytest.raises(StoreFault):
        state.accounts.open_session(ADMIN, session())
    assert state.audit.verify() is None


def test_no_secret_goes_into_the_chain(state: Any) -> None:
    state.accounts.put_user(ADMIN, AN, [])
    state.accounts.open_session(Actor("an"), session("hash-of-a-token"))
    state.accounts.close_session(Actor("an"), "hash-of-a-token")
    entries = state.audit.entries(ALL, TimeRange(AT, AT + timedelta(days=1)), 10)
    assert [entry.action for entry in entries] == ["session.close", "session.open", "user.put"]
    assert not [entry for entry in entries if "argon2" in repr(entry) or "hash-of-a-token" in repr(entry)]
