"""Agents to poll: a real net-snmp snmpd, and hostile ones that speak just enough BER."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wardwatch.model.inventory import Credential

COMMUNITY = "integration"

AUTHENTICATIONS = {
    "md5": "MD5",
    "sha": "SHA",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
PRIVACIES = {
    "des": "DES",
    "aes128": "AES",
    "aes192": "AES-192",
    "aes192c": "AES-192-C",
    "aes256": "AES-256",
    "aes256c": "AES-256-C",
}
"""By our names, what net-snmp calls them."""

EVERY_USER = "".join(
    f"createUser {ours}-{hiding} {theirs} authpassword {cipher} privpassword\nrouser {ours}-{hiding} priv\n"
    for ours, theirs in AUTHENTICATIONS.items()
    for hiding, cipher in PRIVACIES.items()
)
SETTINGS = f"""
rocommunity {COMMUNITY}
sysName phường-đống-đa
sysLocation Trung tâm dữ liệu
sysContact noc@example.invalid
createUser watcher SHA-256 authpassword AES privpassword
rouser watcher priv
createUser reader SHA authpassword
rouser reader auth
createUser stranger SHA authpassword AES privpassword
createUser blinkered SHA authpassword
view nothing included .1.3.6.1.6.3.999
rouser blinkered auth -V nothing
{EVERY_USER}"""


V2C = Credential("v2c", "snmp-v2c", community=COMMUNITY)
V3 = Credential(
    "v3",
    "snmp-v3",
    user="watcher",
    auth_protocol="sha256",
    auth_key="authpassword",
    privacy_protocol="aes128",
    privacy_key="privpassword",
)


@dataclass(frozen=True, slots=True)
class Agent:
    """Where an agent answers on 127.0.0.1."""

    port: int
    folder: Path
    address: str = "127.0.0.1"
    v2c: Credential = V2C
    v3: Credential = V3


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A real snmpd with its own settings, v2c and v3."""
    if shutil.which("snmpd") is None and not Path("/usr/sbin/snmpd").exists():
        pytest.skip("snmpd is not installed")
    folder = tmp_path_factory.mktemp("snmpd")
    settings, log = folder / "snmpd.conf", folder / "snmpd.log"
    settings.write_text(SETTINGS, encoding="utf-8")
    port = free_port()
    daemon = subprocess.Popen(
        ["snmpd", "-f", "-C", "-c", str(settings), "-Lf", str(log), f"udp:127.0.0.1:{port}"],
        env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin", "SNMP_PERSISTENT_DIR": str(folder)},
    )
    try:
        deadline = time.monotonic() + 20
        while not (log.exists() and "NET-SNMP version" in log.read_text(encoding="utf-8", errors="replace")):
            assert daemon.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            assert time.monotonic() < deadline, "snmpd did not start"
            time.sleep(0.05)
        yield Agent(port, folder)
    finally:
        daemon.kill()
        daemon.wait()


# What a hostile agent needs of BER (X.690): definite lengths, integers, OIDs.


def tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 | len(octets))) + octets + content


def encoded(value: object) -> bytes:
    """An OID as BER for a tuple, an INTEGER for an int, an OCTET STRING for bytes, endOfMibView for None."""
    if isinstance(value, tuple):
        first, second, *rest = value
        out = bytes((first * 40 + second,))
        for part in rest:
            septets = [part & 127]
            while part := part >> 7:
                septets.append(part & 127 | 128)
            out += bytes(reversed(septets))
        return tlv(6, out)
    if isinstance(value, int):
        return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    return tlv(0x82, b"") if value is None else tlv(4, bytes(value))  # type: ignore[call-overload]


def decoded_oid(content: bytes) -> tuple[int, ...]:
    found, number = [*divmod(content[0], 40)], 0
    for octet in content[1:]:
        number = number << 7 | octet & 127
        if octet < 128:
            found.append(number)
            number = 0
    return tuple(found)


def parts(data: bytes) -> list[tuple[int, bytes]]:
    """The values of a constructed content: (tag, content)."""
    found = []
    while data:
        length, start = data[1], 2
        if length & 128:
            start = 2 + (length & 127)
            length = int.from_bytes(data[2:start], "big")
        found.append((data[0], data[start : start + length]))
        data = data[start + length :]
    return found


@dataclass(frozen=True, slots=True)
class Request:
    """A v2c request: `kind` get, next or bulk, the OIDs, and max-repetitions (of a bulk)."""

    kind: str
    request_id: bytes
    oids: tuple[tuple[int, ...], ...]
    repetitions: int

    @classmethod
    def of(cls, datagram: bytes) -> "Request":
        _, _, (pdu, body) = parts(parts(datagram)[0][1])
        (_, request_id), _, (_, repetitions), (_, varbinds) = parts(body)
        oids = tuple(decoded_oid(parts(varbind)[0][1]) for _, varbind in parts(varbinds))
        return cls({0xA0: "get", 0xA1: "next", 0xA5: "bulk"}[pdu], request_id, oids, int.from_bytes(repetitions, "big"))

    def reply(self, *varbinds: tuple[tuple[int, ...], object], status: int = 0) -> bytes:
        """A response with these OIDs and values, and an error status."""
        bindings = tlv(0x30, b"".join(tlv(0x30, encoded(oid) + encoded(value)) for oid, value in varbinds))
        pdu = tlv(0xA2, tlv(2, self.request_id) + tlv(2, bytes((status,))) + tlv(2, b"\0") + bindings)
        return tlv(0x30, tlv(2, b"\1") + tlv(4, COMMUNITY.encode()) + pdu)


Answer = Callable[[Request], bytes | None]


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Callable[[Answer], Agent]]:
    """Starts an agent that answers as the function says (None is silence); counts nothing, forgets nothing."""
    stops: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Answer) -> Agent:
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.bind(("127.0.0.1", 0))
        wire.settimeout(0.2)
        stops.append(wire)

        def serve() -> None:
            while wire.fileno() >= 0:
                try:
                    datagram, peer = wire.recvfrom(65535)
                    reply = answer(Request.of(datagram))
                    if reply is not None:
                        wire.sendto(reply, peer)
                except TimeoutError:
                    continue
                except OSError:
                    return

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return Agent(int(wire.getsockname()[1]), tmp_path)

    yield start
    for wire in stops:
        wire.close()
    for thread in threads:
        thread.join(timeout=5)
