"""Which application a conversation is, by its protocol and ports; `applications.yaml` says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from wardwatch.model.text import Words
from wardwatch.strict_yaml import StrictModel, load

SHIPPED = Path(__file__).with_name("applications.yaml")
UNKNOWN = "other"
TRANSPORTS = {"tcp": 6, "udp": 17, "sctp": 132}
PROTOCOLS = {
    "icmp": 1,
    "igmp": 2,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ipv6-icmp": 58,
    "ospf": 89,
    "pim": 103,
    "vrrp": 112,
}

Port = Annotated[str, Field(pattern="^(tcp|udp|sctp)/[0-9]{1,5}$")]


class TitleDocument(StrictModel):
    """A name in both languages."""

    vi: str
    en: str


class ApplicationDocument(StrictModel):
    """One application: the ports of its servers, or IP protocols that have no ports."""

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
    title: TitleDocument
    ports: tuple[Port, ...] = ()
    protocols: tuple[Literal["icmp", "igmp", "gre", "esp", "ah", "ipv6-icmp", "ospf", "pim", "vrrp"], ...] = ()


class ApplicationsDocument(StrictModel):
    """All applications."""

    applications: tuple[ApplicationDocument, ...]


@dataclass(frozen=True, slots=True)
class Applications:
    """`ports` are by (protocol, port), `protocols` by protocol; both lead to an application's id."""

    titles: Mapping[str, Words]
    ports: Mapping[tuple[int, int], str]
    protocols: Mapping[int, str]

    def of(self, protocol: int, one: int, other: int) -> str:
        """The application of a conversation between two ports; servers have the lower one, as a rule."""
        low, high = (one, other) if one < other else (other, one)
        named = self.ports.get((protocol, low)) or self.ports.get((protocol, high))
        return named or self.protocols.get(protocol, UNKNOWN)


def load_applications(path: Path = SHIPPED) -> Applications:
    """Raises `DocumentError`. What is named twice is the first's."""
    titles = {UNKNOWN: Words("Khác", "Other")}
    ports: dict[tuple[int, int], str] = {}
    protocols: dict[int, str] = {}
    for each in load(path, ApplicationsDocument).applications:
        titles[each.id] = Words(each.title.vi, each.title.en)
        for port in each.ports:
            transport, _, number = port.partition("/")
            ports.setdefault((TRANSPORTS[transport], int(number)), each.id)
        for protocol in each.protocols:
            protocols.setdefault(PROTOCOLS[protocol], each.id)
    return Applications(titles, ports, protocols)
