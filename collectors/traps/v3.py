"""Notifications of SNMPv3, opened by pysnmp: the one module that speaks to it about them.

An inform is addressed to our own engine, so every user of the inventory is registered for it; a trap comes from the
sender's engine, whose id is learnt from the header of its first packet. A packet is taken only when its digest verifies
at the level that its user's credential has; a learnt engine whose digest does not is forgotten at once. How much may be
learnt, and how often it may fail, is bounded for each sender.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import encoder
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.carrier.base import AbstractTransportDispatcher
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.ntfrcv import NotificationReceiver
from pysnmp.proto.api import v2c

from collectors.reception.senders import Sender
from collectors.traps.ber import Malformed, header
from collectors.traps.notification import Notification, decode_pdu
from collectors.traps.v3_header import AUTHENTICATED, ENCRYPTED, Header, read_header
from collectors.traps.v3_users import V3User

log = logging.getLogger(__name__)

_PEER = ("127.0.0.1", 162)
"""pysnmp wants to know who sent; answers go by another way."""
_REQUEST = "rfc3412.receiveMessage:request"
_TICK_S = 1.0
_REPORT = bytes((0x2B, 6, 1, 6, 3, 15, 1, 1))
_HANDSHAKE = (_REPORT + b"\x02\x00", _REPORT + b"\x04\x00")
"""usmStatsNotInTimeWindows and usmStatsUnknownEngineIDs (RFC 3414 section 5): with them a peer tries again."""


@dataclass(frozen=True, slots=True)
class LearnLimits:
    """How many engines are learnt, together and from one sender; how many packets of one sender may fail in a minute
    before its next ones are refused unopened."""

    engines: int = 20_000
    engines_each: int = 8
    failures: int = 30
    window_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a message."""

    notification: Notification | None = None
    answer: bytes | None = None
    refused: str | None = None


class _Dispatcher(AbstractTransportDispatcher):  # type: ignore[misc]
    """In place of sockets: keeps what the engine wants to send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def send_message(self, outgoing: Any, domain: Any, address: Any) -> None:
        self.sent.append(bytes(outgoing))


class V3Receiver:
    """Not thread-safe. `engine_id` is our engine's, `boots` how often it has started (RFC 3414 section 2.2)."""

    def __init__(
        self,
        users: Sequence[V3User],
        engine_id: bytes,
        boots: int,
        monotonic: Callable[[], float] = time.monotonic,
        limits: LearnLimits | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._limits = limits or LearnLimits()
        self._dispatcher = _Dispatcher()
        self._engine = _engine(engine_id, boots)
        self._engine.register_transport_dispatcher(self._dispatcher)
        self._engine_id = engine_id
        self._pdus: list[tuple[int, str, Any]] = []
        self._engine.observer.register_observer(self._saw, _REQUEST)
        self._receiver = NotificationReceiver(self._engine, lambda *_: None)
        self._users: dict[str, list[V3User]] = {}
        self._learnt: dict[tuple[bytes, str], V3User] = {}
        self._each: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._window_began = monotonic()
        self.refused = 0
        self._ticked = monotonic()
        self.use(users)

    @property
    def learnt(self) -> int:
        """How many engines of others are known."""
        return len(self._learnt)

    def use(self, users: Sequence[V3User]) -> None:
        """Takes the users of another inventory; what was learnt with others is forgotten."""
        for engine_id, name in self._learnt:
            self._remove(name, engine_id)
        self._learnt.clear()
        self._each.clear()
        for name in self._users:
            self._remove(name, self._engine_id)
        self._users = {}
        for user in users:
            known = self._users.setdefault(user.name, [])
            known.append(user)
            if len(known) == 1:
                self._add(user, self._engine_id)

    def unpack(self, data: bytes, sender: Sender) -> Opened:
        """Opens a message. Raises `Malformed` where its header is none."""
        opened = self._unpacked(data, sender)
        self.refused += opened.refused is not None
        return opened

    def _unpacked(self, data: bytes, sender: Sender) -> Opened:
        self._tick()
        head = read_header(data)
        if head.engine_id == b"" or head.user == "":
            return self._introduced(data)
        users = self._users.get(head.user)
        if users is None:
            return Opened(refused=f"the inventory has no SNMPv3 user {head.user!r}")
        if self._failures[sender.address] >= self._limits.failures:
            return Opened(refused="too many packets of this sender failed in the last minute")
        if head.engine_id == self._engine_id:
            return self._opened(data, sender, head, users[0])
        return self._of_other_engine(data, sender, head, users)

    def _introduced(self, data: bytes) -> Opened:
        """A peer asks for our engine's id (RFC 3414 section 4); whatever else it says is not authenticated."""
        self._receive(data)
        self._pdus.clear()
        return Opened(answer=self._answer())

    def _of_other_engine(self, data: bytes, sender: Sender, head: Header, users: Sequence[V3User]) -> Opened:
        key = (head.engine_id, head.user)
        if (user := self._learnt.get(key)) is not None:
            return self._opened(data, sender, head, user)
        limits = self._limits
        if self._each[sender.address] >= limits.engines_each or len(self._learnt) >= limits.engines:
            return Opened(refused="no more SNMPv3 engines are learnt from this sender")
        found = Opened(refused="its level is lower than its user's")
        for user in sorted(users, key=lambda each: each.credential != _credential(sender)):
            self._add(user, head.engine_id)
            found = self._opened(data, sender, head, user)
            if found.notification is not None:
                self._learnt[key] = user
                self._each[sender.address] += 1
                return found
            self._remove(user.name, head.engine_id)
        return found

    def _opened(self, data: bytes, sender: Sender, head: Header, user: V3User) -> Opened:
        wanted = (AUTHENTICATED if user.authenticates else 0) | (ENCRYPTED if user.encrypts else 0)
        if head.flags & wanted != wanted:
            self._failures[sender.address] += 1
            return Opened(refused=f"its level is lower than that of the SNMPv3 user {user.name!r}")
        self._receive(data)
        answer, pdus = self._answer(), list(self._pdus)
        self._pdus.clear()
        if not pdus:
            if answer is not None and any(kind in answer for kind in _HANDSHAKE):
                return Opened(answer=answer)
            self._failures[sender.address] += 1
            return Opened(answer=answer, refused=f"its digest does not verify for the SNMPv3 user {user.name!r}")
        _, name, pdu = pdus[0]
        encoded = encoder.encode(pdu)
        _, begin, end = header(encoded, 0, len(encoded))
        return Opened(decode_pdu(encoded, begin, end)._replace(user=name), answer)

    def _receive(self, data: bytes) -> None:
        self._dispatcher.sent.clear()
        self._pdus.clear()
        domain = udp.DOMAIN_NAME
        try:
            self._engine.message_dispatcher.receive_message(self._engine, domain, udp.UdpTransportAddress(_PEER), data)
        except Exception as error:
            raise Malformed(f"the SNMP engine cannot read it: {type(error).__name__}") from None

    def _answer(self) -> bytes | None:
        return self._dispatcher.sent[-1] if self._dispatcher.sent else None

    def _saw(self, _engine: Any, _point: Any, seen: dict[str, Any], _context: Any) -> None:
        """The engine hands a message on only when its digest has verified."""
        pdu = seen["pdu"]
        if pdu.tagSet in (v2c.SNMPv2TrapPDU.tagSet, v2c.InformRequestPDU.tagSet):
            self._pdus.append((int(seen["securityLevel"]), str(seen["securityName"]), pdu))

    def _add(self, user: V3User, engine_id: bytes) -> None:
        config.add_v3_user(
            self._engine,
            user.name,
            user.auth_protocol,
            user.auth_key,
            user.privacy_protocol,
            user.privacy_key,
            securityEngineId=v2c.OctetString(engine_id),
            authKeyType=config.USM_KEY_TYPE_MASTER,
            privKeyType=config.USM_KEY_TYPE_MASTER,
        )

    def _remove(self, name: str, engine_id: bytes) -> None:
        config.delete_v3_user(self._engine, name, v2c.OctetString(engine_id))

    def _tick(self) -> None:
        """The engine lets go of what it kept for answers that were never due."""
        now = self._monotonic()
        if now - self._ticked >= _TICK_S:
            self._ticked = now
            self._dispatcher.handle_timer_tick(time.time())
        if now - self._window_began >= self._limits.window_s:
            self._window_began = now
            self._failures.clear()


def _credential(sender: Sender) -> str | None:
    return sender.device.credential if sender.device is not None else None


def _engine(engine_id: bytes, boots: int) -> Any:
    """pysnmp would keep the number of starts in the system's temporary folder; here it is told."""
    engine = SnmpEngine()
    builder = engine.get_mib_builder()
    own, started = builder.import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots")
    own.syntax = own.syntax.clone(engine_id)
    engine.snmpEngineID = own.syntax
    started.syntax = started.syntax.clone(boots)
    return engine
