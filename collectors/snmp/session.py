"""The one typed wrapper of the SNMP client: a conversation with one agent, one request at a time.

Built on gufo-snmp's client sockets rather than on its asyncio sessions, whose wait cannot always be cancelled on
Python 3.11 and whose walks hide where one reply ends (docs/decisions/007-snmp-client.md). Every wait here is a plain
future on the event loop with a timer of ours, so that deadlines and cancellation always hold.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from gufo.snmp import SnmpAuthError, SnmpDecodeError, SnmpError, User, ValueType
from gufo.snmp._fast import GetIter, SnmpV1ClientSocket, SnmpV2cClientSocket, SnmpV3ClientSocket
from gufo.snmp.utils import format_sock_addr

from collectors.snmp.credentials import Login
from collectors.snmp.failures import AgentFailure, sentences
from wardwatch.model.records import Outcome

LARGEST_REPLY_BYTES = 4080
"""The client's receive buffer: a longer reply cannot be read."""

LONGEST_SESSION_S = 120.0
"""A v3 engine's clock is trusted for 150 s (RFC 3414 2.2.3), so no session may live longer than that."""

Wire = SnmpV1ClientSocket | SnmpV2cClientSocket | SnmpV3ClientSocket
T = TypeVar("T")
Varbinds = list[tuple[str, ValueType] | None]
"""Of one reply: (OID, value) in the agent's order; a last None says that the agent went past the column."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How patient a session is. Attempt n waits n times `timeout_s`; after `deadline_s` everything ends."""

    timeout_s: float = 2.0
    attempts: int = 3
    deadline_s: float = 25.0

    def __post_init__(self) -> None:
        if not 0 < self.deadline_s <= LONGEST_SESSION_S:
            raise ValueError(f"a session's deadline is above 0 and at most {LONGEST_SESSION_S} s")
        if self.timeout_s <= 0 or self.attempts < 1:
            raise ValueError("a session needs a timeout above 0 and at least one attempt")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is asked: the device's id (or the address itself), its numeric address and port."""

    device: str
    address: str
    port: int

    def __str__(self) -> str:
        return format_sock_addr(self.address, self.port)


class BadReply(Exception):
    """A reply that could not be decoded. `size` is its length in bytes where it could be told."""

    def __init__(self, reason: str, size: int | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.size = size

    @property
    def too_large(self) -> bool:
        return self.size is not None and self.size > LARGEST_REPLY_BYTES


class Session:
    """A conversation with one agent. Every method raises `AgentFailure`, or `BadReply` for bytes that cannot be read.

    `engine_id` is that of an earlier session with the same agent (v3): it saves one round trip.
    """

    def __init__(self, to: Endpoint, login: Login, settings: SessionSettings, engine_id: bytes | None = None) -> None:
        self.engine_id = engine_id
        self.varbinds = 0
        self.answered = False
        self._met = False
        self.fail = sentences(to.device, str(to))
        self._to = to
        self._login = login
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + settings.deadline_s
        self._lock = asyncio.Lock()
        self._reading = False
        self._suspicious = False
        self._receive: Callable[[], Any] | None = None
        self._reply: asyncio.Future[Any] | None = None
        self.knows_bulk = not login.oldest
        self._socket: Wire | None = self._open()
        self._fd = self._wire.get_fd()

    async def __aenter__(self) -> Self:
        try:
            await self._agree()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    async def get(self, oids: Sequence[str]) -> dict[str, ValueType]:
        """The values of the OIDs; those that the agent does not have are absent."""
        wanted = list(oids)
        got = await self._exchange(
            lambda: self._wire.send_get_many(wanted), lambda: self._wire.recv_get_many(), wanted[0]
        )
        self.varbinds += len(got)
        return got

    async def bulk(self, cursor: GetIter, at: str, attempts: int | None = None) -> Varbinds:
        """The next reply of a walk by GETBULK; empty where the agent gave nothing (end of its view, or an error)."""
        return await self._exchange(
            lambda: self._bulk_wire.send_get_bulk(cursor), lambda: self._bulk_wire.recv_get_bulk(cursor), at, attempts
        )

    async def step(self, cursor: GetIter, at: str) -> Varbinds:
        """As `bulk`, one row by GETNEXT: for agents that cannot answer GETBULK."""
        got = await self._exchange(
            lambda: self._wire.send_get_next(cursor), lambda: [self._wire.recv_get_next(cursor)], at
        )
        return list(got)

    def _open(self) -> Wire:
        address = format_sock_addr(self._to.address, self._to.port)
        try:
            if self._login.oldest:
                return SnmpV1ClientSocket(address, self._login.community or "", 0, 0, 0, 0)
            if self._login.user is None:
                return SnmpV2cClientSocket(address, self._login.community or "", 0, 0, 0, 0)
            user = self._login.user if self.engine_id else User.default()
            keys = (user.name, user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key())
            return SnmpV3ClientSocket(address, self.engine_id or b"", *keys, 0, 0, 0, 0)
        except OSError as error:
            raise self.fail(Outcome.REFUSED, f"cannot be reached: {error}", None) from None

    @property
    def _wire(self) -> Wire:
        """The client's socket. No frame keeps it in a local name: see `_close`."""
        if self._socket is None:
            raise RuntimeError(f"the session with {self._to} is closed")
        return self._socket

    @property
    def _bulk_wire(self) -> SnmpV2cClientSocket | SnmpV3ClientSocket:
        wire = self._wire
        if isinstance(wire, SnmpV1ClientSocket):
            raise RuntimeError(f"the session with {self._to} is SNMPv1, which has no GETBULK")
        return wire

    @property
    def _wire_v3(self) -> SnmpV3ClientSocket:
        if not isinstance(self._wire, SnmpV3ClientSocket):
            raise RuntimeError(f"the session with {self._to} is not SNMPv3")
        return self._wire

    async def _agree(self) -> None:
        """Finds a v3 agent's engine (RFC 3414 section 4) and then its clock."""
        user = self._login.user
        if user is None:
            return
        if not self.engine_id:
            await self._refresh()
            self._met = True
            keys = (user.name, user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key())
            self._wire_v3.set_keys(*keys)
        if user.require_auth():
            await self._refresh()
        self.engine_id = self._wire_v3.get_engine_id()

    async def _refresh(self) -> None:
        await self._exchange(lambda: self._wire_v3.send_refresh(), lambda: self._wire_v3.recv_refresh(), None)

    async def _exchange(
        self, send: Callable[[], None], receive: Callable[[], T], at: str | None, attempts: int | None = None
    ) -> T:
        """One request and its reply. A late reply to an earlier attempt is dropped by the client: its id differs."""
        attempts = attempts or self._settings.attempts
        async with self._lock:
            for attempt in range(1, attempts + 1):
                left = self._deadline - self._loop.time()
                if left <= 0:
                    raise self.fail(Outcome.TIMEOUT, f"was given up after {self._settings.deadline_s:g} s", at)
                try:
                    reply = await self._attempt(send, receive, min(left, self._settings.timeout_s * attempt))
                except ConnectionRefusedError:
                    raise self.fail(Outcome.REFUSED, "refused: nothing listens there", at) from None
                except TimeoutError:
                    continue
                except SnmpAuthError:
                    raise self.fail(Outcome.AUTHENTICATION, "refused the SNMPv3 login", at) from None
                except OSError as error:
                    raise self._unreachable(error, at) from None
                self.answered = True
                return reply
        raise self.fail(Outcome.TIMEOUT, f"did not answer {attempts} times{self._doubt()}", at)

    async def _attempt(self, send: Callable[[], None], receive: Callable[[], T], timeout_s: float) -> T:
        reply: asyncio.Future[T] = self._loop.create_future()
        self._receive, self._reply = receive, reply
        if not self._reading:
            self._loop.add_reader(self._fd, self._readable)
            self._reading = True
        timer = self._loop.call_later(timeout_s, _expire, reply)
        try:
            send()
            return await reply
        finally:
            timer.cancel()
            self._receive = self._reply = None

    def _readable(self) -> None:
        reply, receive = self._reply, self._receive
        if reply is None or receive is None or reply.done():
            # Something late: it stays in the socket until the next request reads past it.
            self._loop.remove_reader(self._fd)
            self._reading = False
            return
        size = self._peek() if self._suspicious else None
        try:
            reply.set_result(receive())
        except BlockingIOError:
            return
        except StopAsyncIteration:
            reply.set_result([])
        except TimeoutError:
            # The client says "connection refused" (ICMP port unreachable) by this very error.
            reply.set_exception(ConnectionRefusedError())
        except (SnmpAuthError, OSError) as error:
            reply.set_exception(error)
        except (SnmpDecodeError, SnmpError, ValueError, RuntimeError) as error:
            self._suspicious = True
            reply.set_exception(BadReply(str(error), size))
        except BaseException as error:
            # The client's Rust code panics on some hostile bytes, by an exception beside `Exception`.
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self._suspicious = True
            reply.set_exception(BadReply(f"the decoder gave up: {error}", size))

    def _peek(self) -> int | None:
        """The length of the datagram that waits, which the client does not tell of one it could not hold."""
        with socket.socket(fileno=os.dup(self._fd)) as view:
            try:
                return view.recv_into(bytearray(1), 1, socket.MSG_PEEK | socket.MSG_TRUNC)
            except OSError:
                return None

    def _unreachable(self, error: OSError, at: str | None) -> AgentFailure:
        if "refused" in str(error).lower():
            return self.fail(Outcome.REFUSED, "refused: nothing listens there", at)
        return self.fail(Outcome.REFUSED, f"cannot be reached: {error}", at)

    def _doubt(self) -> str:
        """An agent drops what it cannot decrypt, so a wrong privacy password looks like silence."""
        doubtful = self._login.encrypted and self._met and self.varbinds == 0
        return " although its SNMPv3 engine did: timeout or wrong privacy key" if doubtful else ""

    def _close(self) -> None:
        """Stops reading and lets go of the socket, which closes it. An error's traceback keeps this session alive until
        the garbage collector runs, and a city of silent devices would use up its file descriptors before."""
        if self._reading:
            self._loop.remove_reader(self._fd)
            self._reading = False
        self._socket = None


def _expire(reply: "asyncio.Future[Any]") -> None:
    if not reply.done():
        reply.set_exception(TimeoutError())
