"""The first administrator, made when an installation has no users yet. Needs no web framework."""

import secrets
from base64 import b32encode
from collections.abc import Callable

from argon2 import PasswordHasher

from wardwatch.model.access import FIRST_ADMINISTRATOR, Actor, Role, Scope
from wardwatch.model.state import Grant, User
from wardwatch.model.time import Clock
from wardwatch.ports import StateStore

Random = Callable[[int], bytes]


def ensure_administrator(
    state: StateStore,
    actor: Actor,
    clock: Clock,
    random: Random = secrets.token_bytes,
    hasher: PasswordHasher | None = None,
) -> str | None:
    """Makes the administrator of the whole city when there are no users yet, and returns the password, which is shown
    once and kept nowhere. None when there are users."""
    if state.accounts.users(Scope.everything()):
        return None
    letters = b32encode(random(15)).decode().lower()
    password = "-".join(letters[start : start + 6] for start in range(0, 24, 6))
    encoded = (hasher or PasswordHasher()).hash(password)
    user = User(FIRST_ADMINISTRATOR, "Quản trị viên", encoded, language="vi")
    state.accounts.put_user(actor, user, [Grant(user.name, Role.ADMINISTRATOR)])
    state.audit.record(actor, "administrator.created", user.name, {"at": clock().isoformat()})
    return password
