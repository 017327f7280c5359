"""Passwords, sessions and the first administrator.

Passwords are argon2id (RFC 9106, the library's defaults); a session's token is 256 random bits of which the store
keeps the SHA-256. A name nobody has costs as much time as a wrong password.
"""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import CollectorRegistry, Counter

from api.problems import ApiError
from api.settings import ApiSettings
from api.throttle import Throttle
from wardwatch.model.access import Actor
from wardwatch.model.state import Session, User
from wardwatch.model.text import nfc
from wardwatch.model.time import Clock
from wardwatch.ports import StateStore
from wardwatch.tokens import Random, new_token, token_hash

# argon2id takes 64 MiB a check; more of them at once than this would let strangers fill the memory.
_CHECKS_AT_ONCE = 2


class Accounts:
    """Logs people in and out."""

    def __init__(
        self,
        settings: ApiSettings,
        state: StateStore,
        clock: Clock,
        registry: CollectorRegistry,
        random: Random = secrets.token_bytes,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._random = random
        self._hasher = hasher or PasswordHasher()
        self._checks = threading.BoundedSemaphore(_CHECKS_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")
        self._by_user = Throttle(clock, settings.login_attempts, settings.login_window)
        self._by_address = Throttle(clock, settings.login_attempts_per_address, settings.login_window)
        self._logins = Counter("wardwatch_logins", "Attempts to log in.", ("result",), registry=registry)

    def log_in(self, name: str, password: str, address: str | None) -> tuple[str, Session]:
        """The token for the cookie and the session. Raises `ApiError` 401, or 429 after too many failures."""
        name = nfc(name).lower()
        actor = Actor(name, address)
        keys = ((self._by_address, f"{address}"), (self._by_user, f"{address} {name}"))
        for throttle, key in keys:
            if wait_s := throttle.attempt(key):
                self._logins.labels("throttled").inc()
                raise ApiError(
                    429,
                    "too many failed attempts to log in",
                    f"wait {wait_s:.0f} s",
                    {"Retry-After": str(int(wait_s) + 1)},
                )
        user = self._checked(name, password)
        if user is None:
            self._logins.labels("refused").inc()
            self._state.audit.record(actor, "session.refused", name, {})
            raise ApiError(401, "the user name or the password is wrong", "an administrator can set a new password")
        for throttle, key in keys:
            throttle.succeeded(key)
        self._logins.labels("accepted").inc()
        token = new_token(self._random)
        now = self._clock()
        session = Session(token_hash(token), user.name, now, now + self._settings.session_ttl, address)
        self._state.accounts.open_session(actor, session)
        return token, session

    def _checked(self, name: str, password: str) -> User | None:
        """The user whose password this is, if active. Takes as long for a name that nobody has."""
        user = self._state.accounts.user(name)
        if not self._checks.acquire(timeout=5):
            raise ApiError(429, "too many people log in at once", "try again in a moment", {"Retry-After": "5"})
        try:
            self._hasher.verify(user.password_hash if user else self._nobody, password)
        except (VerificationError, InvalidHashError):
            return None
        finally:
            self._checks.release()
        return user if user and user.active else None

    def session(self, token: str) -> tuple[Session, User] | None:
        """The living session of a cookie and its user; None when it ended or the user was switched off."""
        session = self._state.accounts.session(token_hash(token), self._clock())
        user = self._state.accounts.user(session.user) if session else None
        return (session, user) if session and user and user.active else None

    def log_out(self, actor: Actor, session: Session) -> None:
        self._state.accounts.close_session(actor, session.token_hash)
