"""EVE lines as Suricata 7 writes them, from a seed: the shapes and proportions of a city's sensor."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

FIRST = datetime(2026, 1, 1, tzinfo=UTC)

_HOSTS = ("dichvucong", "motcua", "vanban", "thudientu", "hotich", "datdai", "www", "cdn", "update", "api")
_DOMAINS = ("hanoi.gov.vn", "example.vn", "example.com", "cloud.example.net", "cdn.example.org")
_PATHS = ("/", "/login", "/api/v1/ho-so", "/tra-cuu", "/static/app.js", "/upload", "/search?q=dat+dai&page=")
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "curl/8.5.0",
)
_RULES = (
    (2010935, "ET SCAN Suspicious inbound to MSSQL port 1433", "Potentially Bad Traffic", 2),
    (2006446, "ET WEB_SERVER Possible SQL Injection Attempt UNION SELECT", "Web Application Attack", 1),
    (2034647, "ET EXPLOIT Apache log4j RCE Attempt (http ldap)", "Attempted Administrator Privilege Gain", 1),
    (2024897, "ET POLICY Curl User-Agent Outbound", "Not Suspicious Traffic", 3),
)

Record = dict[str, Any]


def eve_lines(count: int, seed: int, span: timedelta = timedelta(hours=1)) -> Iterator[bytes]:
    """So many lines without their line ends, evenly spread over `span` from `FIRST`; flow ids never repeat."""
    chance = random.Random(seed)
    step = span / max(count, 1)
    for number in range(count):
        kind = chance.choices(tuple(_MAKERS), _WEIGHTS)[0]
        at = FIRST + number * step
        record: Record = {
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
            "flow_id": chance.getrandbits(50) << 8 | number & 0xFF,
            "in_iface": "ens1f0",
            "event_type": kind,
            "src_ip": f"10.{chance.randrange(20, 24)}.{chance.randrange(256)}.{chance.randrange(1, 255)}",
            "src_port": chance.randrange(1024, 65536),
            "dest_ip": f"10.1.{chance.randrange(4)}.{chance.randrange(1, 255)}",
        }
        _MAKERS[kind](record, chance, at)
        yield orjson.dumps(record)


def _flow_counters(chance: random.Random, at: datetime) -> Record:
    packets = chance.randrange(2, 400)
    return {
        "pkts_toserver": packets,
        "pkts_toclient": packets + chance.randrange(9),
        "bytes_toserver": packets * chance.randrange(60, 900),
        "bytes_toclient": packets * chance.randrange(60, 1400),
        "start": (at - timedelta(milliseconds=chance.randrange(1, 90_000))).strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
    }


def _name(chance: random.Random) -> str:
    return f"{chance.choice(_HOSTS)}{chance.randrange(30)}.{chance.choice(_DOMAINS)}"


def _web(chance: random.Random) -> Record:
    return {
        "hostname": _name(chance),
        "url": f"{chance.choice(_PATHS)}{chance.randrange(10_000)}",
        "http_user_agent": chance.choice(_AGENTS),
        "http_content_type": "text/html",
        "http_method": chance.choice(("GET", "GET", "POST")),
        "protocol": "HTTP/1.1",
        "status": chance.choice((200, 200, 200, 302, 404)),
        "length": chance.randrange(90_000),
    }


def _http(record: Record, chance: random.Random, at: datetime) -> None:
    record |= {"dest_port": 80, "proto": "TCP", "tx_id": chance.randrange(4), "http": _web(chance)}


def _dns(record: Record, chance: random.Random, at: datetime) -> None:
    name = _name(chance)
    address = f"203.0.113.{chance.randrange(256)}"
    answer = {"rrname": name, "rrtype": "A", "ttl": chance.randrange(3600), "rdata": address}
    record |= {"dest_port": 53, "proto": "UDP"}
    record["dns"] = {
        "version": 2,
        "type": "answer",
        "id": chance.randrange(65536),
        "flags": "8180",
        "qr": True,
        "rd": True,
        "ra": True,
        "opcode": 0,
        "rrname": name,
        "rrtype": "A",
        "rcode": "NOERROR",
        "answers": [answer],
        "grouped": {"A": [address]},
    }


def _tls(record: Record, chance: random.Random, at: datetime) -> None:
    name = _name(chance)
    record |= {"dest_port": 443, "proto": "TCP"}
    record["tls"] = {
        "subject": f"CN={name}",
        "issuerdn": "C=VN, O=Example CA, CN=Example Issuing CA 1",
        "serial": chance.randbytes(16).hex(":").upper(),
        "fingerprint": chance.randbytes(20).hex(":"),
        "sni": name,
        "version": "TLS 1.2",
        "notbefore": "2025-11-01T00:00:00",
        "notafter": "2026-11-01T00:00:00",
        "ja3": {"hash": chance.choice(("6734f37431670b3ab4292b8f60f29984", "e7d705a3286e19ea42f587b344ee6865"))},
    }


def _flow(record: Record, chance: random.Random, at: datetime) -> None:
    record |= {"dest_port": chance.choice((80, 443, 53, 25, 22)), "proto": "TCP", "app_proto": "tls"}
    record["flow"] = {
        **_flow_counters(chance, at),
        "end": at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        "age": chance.randrange(90),
        "state": "closed",
        "reason": "timeout",
        "alerted": False,
    }
    flags = "1b"
    record["tcp"] = {"tcp_flags": flags, "tcp_flags_ts": flags, "tcp_flags_tc": flags, "syn": True, "ack": True}


def _alert(record: Record, chance: random.Random, at: datetime) -> None:
    number, signature, category, severity = chance.choice(_RULES)
    record |= {"dest_port": 80, "proto": "TCP", "app_proto": "http", "tx_id": 0, "http": _web(chance)}
    record["alert"] = {
        "action": "allowed",
        "gid": 1,
        "signature_id": number,
        "rev": 4,
        "signature": signature,
        "category": category,
        "severity": severity,
        "metadata": {"created_at": ["2021_12_12"], "mitre_technique_id": ["T1190"]},
    }
    record["flow"] = _flow_counters(chance, at)


def _fileinfo(record: Record, chance: random.Random, at: datetime) -> None:
    record |= {"dest_port": 80, "proto": "TCP", "app_proto": "http", "http": _web(chance)}
    record["fileinfo"] = {
        "filename": f"/static/{chance.randrange(500)}.js",
        "gaps": False,
        "state": "CLOSED",
        "sha256": chance.randbytes(32).hex(),
        "stored": False,
        "size": chance.randrange(900_000),
        "tx_id": 0,
    }


_MAKERS: dict[str, Callable[[Record, random.Random, datetime], None]] = {
    "flow": _flow,
    "dns": _dns,
    "http": _http,
    "tls": _tls,
    "fileinfo": _fileinfo,
    "alert": _alert,
}
_WEIGHTS = (35, 25, 15, 13, 7, 5)
