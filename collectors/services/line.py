"""The way to a service: name, connection and TLS, each a step that is told; what is read is bounded."""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.services.certificates import certificate_of
from collectors.services.failures import CheckFailed, ended
from wardwatch.model.checks import Certificate, CheckStep
from wardwatch.model.inventory import Check
from wardwatch.model.text import Words, visible

MOST_BYTES = 256 * 1024
"""No answer is read beyond this."""


class Line:
    """One connection to where a check looks; closed by `close`. Its verbs raise `CheckFailed`."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.steps: list[CheckStep] = []
        self.certificate: Certificate | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._address = ""
        self._read = 0

    @contextmanager
    def step(self, name: str) -> Iterator[list[Words]]:
        """Times a step; what is put into the list is what it says when it goes well."""
        said: list[Words] = []
        began = time.monotonic()
        ok, words = False, Words("Quá thời gian chờ", "No answer in time")
        try:
            yield said
            ok, words = True, said[-1] if said else Words("Đạt", "Passed")
        except CheckFailed as failure:
            words = failure.words
            raise
        finally:
            self.steps.append(CheckStep(name, ok, (time.monotonic() - began) * 1000, words))

    async def resolve(self) -> str:
        """The first address of the host."""
        with self.step("resolve") as said:
            try:
                found = await asyncio.get_running_loop().getaddrinfo(
                    self.check.host, self.check.at_port, type=socket.SOCK_STREAM
                )
            except (OSError, UnicodeError) as error:
                host = self.check.host
                raise CheckFailed(
                    f"Không phân giải được tên {host}", f"The name {host} cannot be resolved: {_plain(error)}"
                ) from None
            self._address = str(found[0][4][0])
            said.append(Words.same(self._address))
        return self._address

    async def connect(self) -> None:
        """Resolves the name and connects by TCP."""
        address, port = await self.resolve(), self.check.at_port
        with self.step("connect") as said:
            self._reader, self._writer = await self._open(address, port)
            said.append(Words(f"Đã kết nối {address} cổng {port}", f"Connected to {address} port {port}"))

    async def secure(self) -> None:
        """Talks TLS from now on; the chain and the name are examined."""
        with self.step("tls") as said:
            try:
                await self._started(self._trusting())
            except ssl.SSLCertVerificationError as error:
                await self._show_certificate()
                reason = visible(error.verify_message)
                raise CheckFailed(
                    f"Chứng thư số không hợp lệ: {reason}", f"The certificate is not valid: {reason}"
                ) from None
            except (OSError, ssl.SSLError) as error:
                raise CheckFailed(
                    f"Bắt tay TLS thất bại: {_plain(error)}", f"The TLS handshake failed: {_plain(error)}"
                ) from None
            except asyncio.IncompleteReadError:
                raise ended("TLS") from None
            self._learn_certificate()
            shown = self.certificate.valid_to.date().isoformat() if self.certificate else "?"
            version = self._tls().version()
            said.append(Words(f"{version}, chứng thư số đến {shown}", f"{version}, certificate until {shown}"))

    def send(self, data: bytes) -> None:
        """Never waits: what checks send is small."""
        assert self._writer is not None, "connect comes first"
        self._writer.write(data)

    async def read(self, most: int = 65536) -> bytes:
        """What is there, empty at the end."""
        assert self._reader is not None, "connect comes first"
        try:
            data = await self._reader.read(most)
        except OSError as error:
            raise CheckFailed(f"Kết nối bị ngắt: {_plain(error)}", f"The connection broke: {_plain(error)}") from None
        self._count(len(data))
        return data

    async def exactly(self, count: int, doing: str) -> bytes:
        """So many bytes. Raises `CheckFailed` when fewer come, or more than a check reads are asked for."""
        self._count(count)
        assert self._reader is not None, "connect comes first"
        try:
            return await self._reader.readexactly(count)
        except (asyncio.IncompleteReadError, OSError):
            raise ended(doing) from None

    async def line(self, doing: str) -> str:
        """A line of text without its end."""
        assert self._reader is not None, "connect comes first"
        try:
            data = await self._reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, OSError):
            raise ended(doing) from None
        except asyncio.LimitOverrunError:
            raise CheckFailed("Dòng trả lời quá dài", "A line of the answer is too long") from None
        self._count(len(data))
        return data.decode("utf-8", "replace").rstrip("\r\n")

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()

    def _count(self, count: int) -> None:
        self._read += count
        if self._read > MOST_BYTES:
            raise CheckFailed(f"Trả lời dài quá {MOST_BYTES} byte", f"The answer is longer than {MOST_BYTES} bytes")

    async def _open(self, address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await asyncio.open_connection(address, port)
        except ConnectionRefusedError:
            raise CheckFailed(f"Cổng {port} từ chối kết nối", f"Port {port} refuses connections") from None
        except OSError as error:
            raise CheckFailed(
                f"Không kết nối được {address}: {_plain(error)}", f"{address} cannot be reached: {_plain(error)}"
            ) from None

    def _trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.check.authority is not None:
            try:
                context.load_verify_locations(cafile=Path(self.check.authority))
            except (OSError, ssl.SSLError) as error:
                raise CheckFailed(
                    f"Không đọc được tệp chứng thư gốc {self.check.authority}",
                    f"The file of authorities {self.check.authority} cannot be used: {_plain(error)}",
                ) from None
        return context

    async def _started(self, context: ssl.SSLContext) -> None:
        assert self._writer is not None, "connect comes first"
        await self._writer.start_tls(context, server_hostname=self.check.host)

    def _tls(self) -> ssl.SSLObject:
        assert self._writer is not None
        found: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        return found

    def _learn_certificate(self) -> None:
        encoded = self._tls().getpeercert(binary_form=True)
        self.certificate = certificate_of(encoded) if encoded else None

    async def _show_certificate(self) -> None:
        """Looks at a certificate that was refused, to say until when it is (was) valid; what speaks STARTTLS is not
        asked again."""
        await self.close()
        if self.check.starttls:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            self._reader, self._writer = await self._open(self._address, self.check.at_port)
            await self._started(context)
            self._learn_certificate()
        except (CheckFailed, OSError, asyncio.IncompleteReadError):
            return


def _plain(error: Exception) -> str:
    """What the system says, without numbers and places in OpenSSL's source."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return visible(getattr(error, "strerror", None) or str(error) or type(error).__name__)
