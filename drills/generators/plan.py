"""What the generator process is asked for: actions with their addresses, times and parameters, as JSON."""

import ipaddress
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

UNROUTED = frozenset({"0.0.0.0", "255.255.255.255"})
"""A host without an address yet, and everybody on its wire: no router passes them on (RFC 1122 section 3.2.1.3)."""


class PlanError(ValueError):
    """A plan cannot be carried out; the words name the action and what to change."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One Ethernet frame and when it is on the wire, in microseconds since the start of the drill."""

    at_us: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a plan. `at_s` counts from the start of the drill; addresses are resolved already."""

    inject: str
    action: str
    at_s: float
    hosts: dict[str, str]
    parameters: dict[str, Any] = field(default_factory=dict)

    def host(self, name: str) -> str:
        """The address a parameter refers to by host name."""
        given = self.parameters.get(name)
        if not isinstance(given, str) or given not in self.hosts:
            raise PlanError(f"inject '{self.inject}': '{name}' must name one of the hosts {', '.join(self.hosts)}")
        return self.hosts[given]

    def hosts_of(self, name: str) -> list[str]:
        """The addresses that a list of host names refers to."""
        given = self.parameters.get(name)
        if not isinstance(given, list) or not given or not all(each in self.hosts for each in given):
            raise PlanError(f"inject '{self.inject}': '{name}' must list some of the hosts {', '.join(self.hosts)}")
        return [self.hosts[each] for each in given]

    def text(self, name: str, default: str | None = None) -> str:
        given = self.parameters.get(name, default)
        if not isinstance(given, str):
            raise PlanError(f"inject '{self.inject}': '{name}' must be a text")
        return given

    def number(self, name: str, default: float, least: float, most: float) -> float:
        given = self.parameters.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int | float) or not least <= given <= most:
            raise PlanError(f"inject '{self.inject}': '{name}' must be a number from {least:g} to {most:g}")
        return float(given)


Generator = Callable[[Action, random.Random], Iterator[Frame]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one capture needs: `epoch_us` is the first instant (microseconds since 1970)."""

    seed: int
    epoch_us: int
    scope: tuple[str, ...]
    max_pps: int
    max_duration_s: float
    actions: tuple[Action, ...]
    canary: bool = False

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Plan":
        """A plan from its JSON; raises PlanError when it is not one."""
        try:
            actions = tuple(Action(**action) for action in data["actions"])
            return cls(
                int(data["seed"]),
                int(data["epoch_us"]),
                tuple(data["scope"]),
                int(data["max_pps"]),
                float(data["max_duration_s"]),
                actions,
                bool(data.get("canary", False)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise PlanError(f"the plan is not complete: {error}") from None


class ScopeGate:
    """Refuses every frame whose ends are outside the scope, faster than allowed, or past the end."""

    def __init__(self, plan: Plan) -> None:
        self._networks = [ipaddress.ip_network(network) for network in plan.scope]
        self._allowed: set[str] = set()
        self._max_pps = plan.max_pps
        self._max_us = plan.max_duration_s * 1e6
        self._second = -1
        self._in_second = 0

    def check_action(self, action: Action) -> None:
        """Before an action is compiled: all of its hosts must be inside."""
        for name, address in action.hosts.items():
            if not self._inside(address):
                raise PlanError(f"inject '{action.inject}': host '{name}' ({address}) is outside the scope")

    def check_frame(self, frame: Frame, source: str, destination: str) -> None:
        """Before a frame is written: its own addresses, its rate, its time. Frames come in order of time."""
        for address in (source, destination):
            if address not in UNROUTED and not self._inside(address):
                raise PlanError(f"a packet to or from {address} was refused: it is outside the scope")
        if frame.at_us > self._max_us:
            raise PlanError("a packet was refused: it is later than safety.max_duration allows")
        second = frame.at_us // 1_000_000
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        if self._in_second > self._max_pps:
            raise PlanError(f"second {second} of the drill has more than safety.max_pps {self._max_pps} packets")

    def _inside(self, address: str) -> bool:
        if address in self._allowed:
            return True
        parsed = ipaddress.ip_address(address)
        inside = any(parsed in network for network in self._networks)
        if inside:
            self._allowed.add(address)
        return inside
