"""For tests: a TLS proxy before an Elasticsearch node that checks the key, answers for the node, cuts lines."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

Answer = Callable[[str, bytes], tuple[int, bytes] | None]
"""Takes method and path, and the body; a status and body to answer instead of the node, None to ask it."""

CUT = (0, b"")
"""The request goes to the node, and its answer is thrown away with the connection."""


def asks_the_node(request: str, body: bytes) -> None:
    """What a proxy does that means no harm."""


@dataclass(slots=True)
class Proxy:
    """One proxy; `answer` may be changed while it runs."""

    node_url: str
    tls: ssl.SSLContext | None = None
    api_key: str | None = None
    answer: Answer = asks_the_node
    requests: list[str] = field(default_factory=list)
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls))
        self.port = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(self, *about: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        headers = _headers(head)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = " ".join(head.split(b" ", 2)[i].decode() for i in (0, 1))
        self.requests.append(request)
        if self.api_key is not None and headers.get("authorization") != f"ApiKey {self.api_key}":
            writer.write(_response(401, b'{"error":{"type":"security_exception","reason":"no such key"},"status":401}'))
            return True
        told = self.answer(request, body)
        if told == CUT:
            await self._ask_node(head, body)
            return False
        writer.write(_response(*told) if told else await self._ask_node(head, body))
        await writer.drain()
        return True

    async def _ask_node(self, head: bytes, body: bytes) -> bytes:
        node = urlsplit(self.node_url)
        reader, writer = await asyncio.open_connection(node.hostname, node.port)
        try:
            writer.write(head + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            headers = _headers(answer)
            if head.startswith(b"HEAD"):
                return answer
            if headers.get("transfer-encoding") == "chunked":
                while True:
                    size = await reader.readuntil(b"\r\n")
                    answer += size + await reader.readexactly(int(size, 16) + 2)
                    if int(size, 16) == 0:
                        return answer
            return answer + await reader.readexactly(int(headers.get("content-length", "0")))
        finally:
            writer.close()


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


def _response(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Answer\r\ncontent-type: application/json\r\nx-elastic-product: Elasticsearch\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
