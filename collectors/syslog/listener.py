"""Syslog as it comes in: UDP, TCP and TLS."""

import ssl
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.reception.gathering import Gatherer, GatherLimits, Put
from collectors.reception.listener import Allowed, Listener
from collectors.reception.udp_way import UdpWay
from collectors.syslog.mapper import SyslogMapper
from collectors.syslog.stream_way import StreamSettings, StreamWay
from collectors.syslog.vendor_documents import load_rules
from collectors.udp import UdpSettings
from wardwatch.errors import UserError
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock
from wardwatch.settings import Listen, Tls

PART = "syslog"


@dataclass(frozen=True, slots=True)
class SyslogSettings:
    """Where syslog is received; `proof` and `authorities` are for TLS. `zone` is that of devices which name none."""

    udp: tuple[Listen, ...]
    tcp: tuple[Listen, ...]
    tls: tuple[Listen, ...] = ()
    proof: Tls | None = None
    authorities: Path | None = None
    zone: str = "Asia/Ho_Chi_Minh"
    limits: GatherLimits = field(default_factory=GatherLimits)


def syslog_listener(
    settings: SyslogSettings,
    inventory: Inventory,
    put: Put,
    has_room: Callable[[], bool],
    clock: Clock,
    began: datetime,
    edge: str,
) -> Listener:
    """Raises `DocumentError` where a vendor's document is wrong, `UserError` where TLS has no certificate that can be
    used."""
    mapper = SyslogMapper(load_rules(), ZoneInfo(settings.zone))
    gatherer = Gatherer(PART, settings.limits, mapper, put, has_room, str(uuid.uuid4()), PART)
    allowed = Allowed(inventory)
    context = _context(settings) if settings.tls else None
    datagrams = [UdpWay(UdpSettings(each.host, each.port), gatherer, allowed, clock) for each in settings.udp]
    streams = [
        StreamWay(StreamSettings(each.host, each.port), gatherer, allowed, clock, tls)
        for addresses, tls in ((settings.tcp, None), (settings.tls, context))
        for each in addresses
    ]

    def figures() -> dict[str, float]:
        return {
            "connections": float(sum(way.connections for way in streams)),
            "messages_cut": float(sum(way.cut for way in streams)),
        }

    return Listener(PART, edge, began, clock, gatherer, [*datagrams, *streams], allowed, figures)


def _context(settings: SyslogSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    assert settings.proof is not None, "the settings ask for it where there is TLS"
    try:
        context.load_cert_chain(settings.proof.certificate, settings.proof.key)
        if settings.authorities is not None:
            context.load_verify_locations(settings.authorities)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            f"syslog over TLS: certificate, key or authorities cannot be used: {error}",
            "look at reception.syslog in settings.yaml",
        ) from None
    return context
