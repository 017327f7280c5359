"""How the API behaves: one frozen value."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`secure_cookies` None follows the scheme of the login request; `poll_interval_s` is the collectors' interval,
    from which age is judged (stale after two of them)."""

    version: str = "0.1.0"
    poll_interval_s: float = 60.0
    session_ttl: timedelta = timedelta(hours=12)
    secure_cookies: bool | None = None
    login_attempts: int = 5
    login_attempts_per_address: int = 30
    login_window: timedelta = timedelta(minutes=5)
    max_body_bytes: int = 64 * 1024
    wall_ttl_s: float = 1.0
    wall_grace_s: float = 2.0
    attention_ttl_s: float = 5.0
    trends_ttl_s: float = 30.0
    map_ttl_s: float = 15.0
    months_ttl_s: float = 60.0
    failing_ttl_s: float = 5.0
    trends_grace_s: float = 90.0
    max_series_points: int = 3000
