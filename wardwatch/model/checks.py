"""What checks of services say: step by step, in words, and as a sample."""

from dataclasses import dataclass
from datetime import datetime

from wardwatch.model.text import NO_WORDS, Words


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One thing a check did: `name` is `resolve`, `connect`, `tls`, `request` or `match`; `said` what came of it."""

    name: str
    ok: bool
    duration_ms: float
    said: Words


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server showed: its subject, who issued it, its serial number (hexadecimal), names and validity."""

    subject: str
    issuer: str
    serial: str
    names: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found. `cause` says why it failed (empty when it did not); `certificate` is what TLS showed."""

    check: str
    service: str
    at: datetime
    up: bool
    duration_ms: float
    steps: tuple[CheckStep, ...]
    cause: Words = NO_WORDS
    certificate: Certificate | None = None

    @property
    def certificate_days(self) -> float | None:
        """How long the certificate is still valid, below 0 when it is over."""
        if self.certificate is None:
            return None
        return (self.certificate.valid_to - self.at).total_seconds() / 86_400
