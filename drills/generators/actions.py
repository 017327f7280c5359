"""The actions a scenario may ask for. Payloads are inert: the shape that an IDS knows, never a working exploit."""

import random
from collections.abc import Iterator

from drills.generators.conversation import TcpConversation, dns_lookup
from drills.generators.plan import Action, Frame, PlanError

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OPEN_PORTS = (80, 443)


def tcp_scan(action: Action, random_: random.Random) -> Iterator[Frame]:
    """A SYN to each port of a range (T1595.001, T1046): `ports` "1-200", `rate` ports a second."""
    source, target = action.host("src"), action.host("dst")
    first, last = _range(action)
    gap_us = int(1e6 / action.number("rate", 50, 0.1, 10_000))
    ports = list(range(first, last + 1))
    random_.shuffle(ports)
    for index, port in enumerate(ports):
        probe = TcpConversation(source, target, port, int(action.at_s * 1e6) + index * gap_us, random_)
        if port in OPEN_PORTS:
            yield from probe.open()
        else:
            yield from probe.refused()


def http_request(action: Action, random_: random.Random) -> Iterator[Frame]:
    """One HTTP/1.1 request and its answer (T1190): `uri`, `method`, `hostname`, `user_agent`, `body`, `status`."""
    body = action.text("body", "").encode()
    headers = {"User-Agent": action.text("user_agent", BROWSER)}
    extra = action.parameters.get("headers", {})
    if not isinstance(extra, dict):
        raise PlanError(f"inject '{action.inject}': 'headers' must be a map of names to texts")
    headers.update({str(name): str(value) for name, value in extra.items()})
    yield from _exchange(action, random_, action.text("method", "GET"), action.text("uri"), headers, body)


def http_exfiltration(action: Action, random_: random.Random) -> Iterator[Frame]:
    """A large POST to a host outside (T1041, T1048.003): `kilobytes` of marked, meaningless text."""
    size = int(action.number("kilobytes", 256, 1, 4096)) * 1024
    line = b"DRILL-EXFIL-MARKER;khong-co-du-lieu-that;"
    body = (line * (size // len(line) + 1))[:size]
    headers = {
        "User-Agent": action.text("user_agent", "curl/8.5.0"),
        "Content-Type": "application/octet-stream",
    }
    yield from _exchange(action, random_, "POST", action.text("uri", "/upload"), headers, body)


def http_beacon(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Small requests at a regular beat (T1071.001): `every` seconds, `jitter` share, `count`."""
    every_s = action.number("every", 60, 1, 86_400)
    jitter = action.number("jitter", 0.05, 0, 0.9)
    for index in range(int(action.number("count", 12, 1, 10_000))):
        offset_s = index * every_s + random_.uniform(-jitter, jitter) * every_s * (index > 0)
        beat = Action(
            action.inject,
            action.action,
            action.at_s + offset_s,
            action.hosts,
            action.parameters,
        )
        yield from _exchange(
            beat,
            random_,
            "GET",
            action.text("uri", "/tin"),
            {"User-Agent": "drill-beacon/1"},
            b"",
        )


def ssh_attempts(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Connections that exchange SSH banners and end (T1110.001): `count`, `every` seconds."""
    every_s = action.number("every", 1, 0.01, 3600)
    for index in range(int(action.number("count", 20, 1, 10_000))):
        at_us = int((action.at_s + index * every_s) * 1e6)
        talk = TcpConversation(action.host("src"), action.host("dst"), 22, at_us, random_)
        yield from talk.open()
        yield from talk.say(1, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        yield from talk.say(0, b"SSH-2.0-libssh2_1.11.0\r\n")
        talk.pause(0.05)
        yield from talk.close()


def dns_tunnel(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Long, random labels under one domain (T1071.004): `domain`, `count`, `every` seconds."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    domain = action.text("domain", "tunnel.drill.test")
    every_s = action.number("every", 0.5, 0.01, 3600)
    for index in range(int(action.number("count", 40, 1, 10_000))):
        label = "".join(random_.choices(letters, k=48))
        at_us = int((action.at_s + index * every_s) * 1e6)
        name = f"{label}.{index:x}.{domain}"
        yield from dns_lookup(action.host("src"), action.host("dst"), name, "TXT", "b2s=", at_us, random_)


def silence(_action: Action, _random: random.Random) -> Iterator[Frame]:
    """No packet at all: devices alone have something to tell."""
    yield from ()


def browse(action: Action, random_: random.Random) -> Iterator[Frame]:
    """A citizen at work: names looked up, pages read. Nothing in it should raise an alert."""
    pages = (
        "/",
        "/dich-vu-cong",
        "/tra-cuu-ho-so",
        "/huong-dan",
        "/css/chinh.css",
        "/js/chinh.js",
        "/hinh/quoc-huy.png",
    )
    hostname = action.text("hostname", "dichvucong.drill.test")
    at_us = int(action.at_s * 1e6)
    if "dns" in action.parameters:
        yield from dns_lookup(
            action.host("src"),
            action.host("dns"),
            hostname,
            "A",
            action.host("dst"),
            at_us,
            random_,
        )
    at_s = action.at_s + 0.05
    for _ in range(int(action.number("pages", 4, 1, 1000))):
        visit = Action(action.inject, action.action, at_s, action.hosts, action.parameters)
        page = random_.choice(pages)
        yield from _exchange(visit, random_, "GET", page, {"User-Agent": BROWSER}, b"")
        at_s += random_.uniform(0.4, 6.0)


def _exchange(
    action: Action,
    random_: random.Random,
    method: str,
    uri: str,
    headers: dict[str, str],
    body: bytes,
) -> Iterator[Frame]:
    at_us = int(action.at_s * 1e6)
    yield from web_exchange(action, random_, action.host("src"), at_us, method, uri, headers, body)


def web_exchange(
    action: Action,
    random_: random.Random,
    source: str,
    at_us: int,
    method: str,
    uri: str,
    headers: dict[str, str],
    body: bytes = b"",
) -> Iterator[Frame]:
    """A request of `source` to the action's `dst`, and its answer, on a connection of their own."""
    port = int(action.number("port", 80, 1, 65535))
    status = int(action.number("status", 200, 100, 599))
    talk = TcpConversation(source, action.host("dst"), port, at_us, random_)
    lines = [
        f"{method} {uri} HTTP/1.1",
        f"Host: {action.text('hostname', 'dichvucong.drill.test')}",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    yield from talk.open()
    yield from talk.say(0, "\r\n".join([*lines, "", ""]).encode() + body)
    talk.pause(random_.uniform(0.01, 0.08))
    page = b"<!doctype html><title>Dien tap</title><p>Trang thu nghiem</p>" * random_.randint(2, 40)
    head = f"HTTP/1.1 {status} X\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
    yield from talk.say(1, head.encode() + page)
    yield from talk.close()


def _range(action: Action) -> tuple[int, int]:
    first, _, last = str(action.parameters.get("ports", "1-200")).partition("-")
    if not (first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last) <= 65535):
        raise PlanError(f"inject '{action.inject}': 'ports' must be a range such as 1-200")
    return int(first), int(last)
