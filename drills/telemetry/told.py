"""What an inject tells, before the pipeline has it. Times are seconds since the start of the drill."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from drills.scenario import Inject, Scenario
from wardwatch.errors import UserError


@dataclass(frozen=True, slots=True)
class Message:
    """A line of syslog or a trap, as `device` (the name of a host) sends it."""

    inject: str
    at_s: float
    device: str
    kind: Literal["syslog", "trap"]
    data: bytes


@dataclass(frozen=True, slots=True)
class Outage:
    """A device that does not answer from `at_s` until `until_s`; with `downstream`, only that line is cut."""

    inject: str
    at_s: float
    until_s: float
    device: str
    downstream: str | None = None


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """A check of a service meets a certificate that is valid for so many more days."""

    inject: str
    at_s: float
    host: str
    days: float


Told = Message | Outage | CertificateSeen


@dataclass(frozen=True, slots=True)
class Wish:
    """One inject with what it needs to be told; `start` is the drill's first instant."""

    inject: Inject
    scenario: Scenario
    at_s: float
    start: datetime
    chance: random.Random

    def host(self, name: str) -> str:
        """The name of a host that a parameter gives. Raises `UserError`."""
        given = self.inject.parameters.get(name)
        if not isinstance(given, str) or given not in self.scenario.hosts:
            raise self.refusal(f"'{name}' must name one of the hosts {', '.join(self.scenario.hosts)}")
        return given

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """A number within its bounds. Raises `UserError`."""
        given = self.inject.parameters.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int | float) or not least <= given <= most:
            raise self.refusal(f"'{name}' must be a number from {least:g} to {most:g}")
        return float(given)

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, or one. Raises `UserError`."""
        given: Any = self.inject.parameters.get(name, list(default))
        listed = [given] if isinstance(given, str) else given
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            raise self.refusal(f"'{name}' must be a text, or a list of texts")
        return tuple(listed)

    def refusal(self, said: str) -> UserError:
        """The error for a parameter that cannot be used."""
        return UserError(f"inject '{self.inject.id}': {said}", "look at its 'with'")


Telling = Callable[[Wish], list[Told]]
