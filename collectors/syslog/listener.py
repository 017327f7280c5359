"""Syslog as it comes in: every address it is listened on, one queue behind them."""

import asyncio
import ssl
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from collectors.reception.gathering import Gatherer, GatherLimits
from collectors.reception.health import listener_health
from collectors.reception.senders import Senders
from collectors.reception.udp_way import UdpWay
from collectors.syslog.mapper import SyslogMapper
from collectors.syslog.stream_way import StreamSettings, StreamWay
from collectors.syslog.vendor_documents import load_rules
from collectors.udp import UdpSettings
from wardwatch.errors import UserError
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch
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
    authorities: str | None = None
    zone: str = "Asia/Ho_Chi_Minh"
    limits: GatherLimits = field(default_factory=GatherLimits)


class SyslogListener:
    """Listens between `__aenter__` and `__aexit__`; what it took by then is in the journal."""

    def __init__(
        self,
        settings: SyslogSettings,
        inventory: Inventory,
        put: Callable[[Batch], Awaitable[None]],
        has_room: Callable[[], bool],
        clock: Clock,
        began: datetime,
        edge: str,
    ) -> None:
        self._settings = settings
        self._senders = Senders(inventory)
        self._clock = clock
        self._began = began
        self._edge = edge
        self._put = put
        self._has_room = has_room
        self._gatherer: Gatherer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.udp: list[UdpWay] = []
        self.streams: list[StreamWay] = []

    async def __aenter__(self) -> Self:
        """Raises `DocumentError` where a vendor's document is wrong, `UserError` where TLS has no certificate that can
        be used."""
        settings = self._settings
        mapper = SyslogMapper(load_rules(), ZoneInfo(settings.zone))
        self._gatherer = gatherer = Gatherer(
            PART, settings.limits, mapper, self._put, self._has_room, str(uuid.uuid4()), PART
        )
        self.udp = [
            UdpWay(UdpSettings(each.host, each.port), gatherer, self._allowed, self._clock) for each in settings.udp
        ]
        context = _context(settings) if settings.tls else None
        self.streams = [
            StreamWay(StreamSettings(each.host, each.port), gatherer, self._allowed, self._clock, tls)
            for addresses, tls in ((settings.tcp, None), (settings.tls, context))
            for each in addresses
        ]
        for way in self._ways:
            await way.open()
        work = [gatherer.run(), *(way.run() for way in self._ways)]
        self._tasks = [asyncio.create_task(each, name="syslog") for each in work]
        return self

    async def __aexit__(self, *failure: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for way in self._ways:
            await way.close()
        if self._gatherer is not None:
            await self._gatherer.finish()

    async def wait(self) -> None:
        """Runs until a part of it fails; its error is raised."""
        await asyncio.gather(*self._tasks)

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory: from now on its addresses may send."""
        self._senders = Senders(inventory)

    def health(self) -> Sequence[PartHealth]:
        if self._gatherer is None:
            return ()
        troubles = [way.trouble for way in self._ways if way.trouble is not None]
        more = {
            "connections": float(sum(way.connections for way in self.streams)),
            "messages_cut": float(sum(way.cut for way in self.streams)),
        }
        return (listener_health(self._edge, PART, self._began, self._clock, self._gatherer, troubles, more),)

    @property
    def _ways(self) -> list[UdpWay | StreamWay]:
        return [*self.udp, *self.streams]

    def _allowed(self) -> Senders:
        return self._senders


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
            f"syslog over TLS: certificate or key cannot be used: {error}", "look at reception.syslog"
        ) from None
    return context
