"""The actions that are no packets: each says what devices tell, and how they are."""

from datetime import timedelta, timezone

from collectors.reception.simulator.traps import link_trap, notification, varbind
from collectors.snmp.simulator.ber import encode_integer, encode_octets
from drills.telemetry.told import CertificateSeen, Message, Outage, Telling, Told, Wish

_HANOI = timezone(timedelta(hours=7))
_RFC1628 = "1.3.6.1.2.1.33"
_TRAPS = {
    "coldStart": "1.3.6.1.6.3.1.1.5.1",
    "warmStart": "1.3.6.1.6.3.1.1.5.2",
    "authenticationFailure": "1.3.6.1.6.3.1.1.5.5",
}
_DAY_S = 86_400.0


def syslog(wish: Wish) -> list[Told]:
    """Lines of a device: `lines` with `{bsd}`, `{date}`, `{time}`, `{user}` (of `users`) and names of hosts in braces,
    `count` times, `every` seconds."""
    lines, users = wish.texts("lines"), wish.texts("users", ("admin",))
    told: list[Told] = []
    for at_s in _beats(wish):
        at = (wish.start + timedelta(seconds=at_s)).astimezone(_HANOI)
        values = dict(wish.scenario.hosts)
        values |= {"bsd": f"{at:%b} {at.day:2d} {at:%H:%M:%S}", "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}"}
        for line in lines:
            try:
                data = line.format_map(values | {"user": wish.chance.choice(users)})
            except (KeyError, ValueError, IndexError) as error:
                raise wish.refusal(f"the line '{line[:60]}' has an unknown name in braces: {error}") from None
            told.append(Message(wish.inject.id, at_s, wish.host("device"), "syslog", data.encode()))
    return told


def snmp_trap(wish: Wish) -> list[Told]:
    """A notification of a device: `trap` (coldStart, warmStart, authenticationFailure), `count`, `every` seconds."""
    name = wish.texts("trap")[0]
    if name not in _TRAPS:
        raise wish.refusal(f"there is no trap '{name}'; known: {', '.join(_TRAPS)}")
    device = wish.host("device")
    return [
        Message(wish.inject.id, at_s, device, "trap", notification(wish.chance, _TRAPS[name])) for at_s in _beats(wish)
    ]


def device_down(wish: Wish) -> list[Told]:
    """A device that answers nobody (T1499 by cause): `device`, `seconds`."""
    length_s = wish.number("seconds", 600, 1, 7 * _DAY_S)
    return [Outage(wish.inject.id, wish.at_s, wish.at_s + length_s, wish.host("device"))]


def reboot_storm(wish: Wish) -> list[Told]:
    """A device that starts again and again: `device`, `count` times, `every` seconds, away for `seconds` each time."""
    device, away_s = wish.host("device"), wish.number("seconds", 150, 1, 3600)
    told: list[Told] = []
    for at_s in _beats(wish):
        start = notification(wish.chance, _TRAPS["coldStart"])
        told.append(Outage(wish.inject.id, at_s, at_s + away_s, device))
        told.append(Message(wish.inject.id, at_s + away_s, device, "trap", start))
    return told


def link_cut(wish: Wish) -> list[Told]:
    """A line between two hosts of `links` that carries nothing: `upstream`, `downstream`, `seconds`."""
    upstream, downstream = wish.host("upstream"), wish.host("downstream")
    link = next((one for one in wish.scenario.links if (one.upstream, one.downstream) == (upstream, downstream)), None)
    if link is None:
        raise wish.refusal(f"'links' has none from '{upstream}' to '{downstream}'")
    length_s = wish.number("seconds", 900, 1, 7 * _DAY_S)
    told = link_trap(wish.chance, 1, link.port or downstream, is_up=False)
    return [
        Outage(wish.inject.id, wish.at_s, wish.at_s + length_s, upstream, downstream),
        Message(wish.inject.id, wish.at_s + 1, upstream, "trap", told),
    ]


def ups_on_battery(wish: Wish) -> list[Told]:
    """A UPS tells each minute that it lives on its battery (RFC 1628): `device`, `minutes` it has left, `count`."""
    left = int(wish.number("minutes", 30, 1, 600))
    told: list[Told] = []
    for at_s in _beats(wish, every=60):
        minutes = max(1, left - int((at_s - wish.at_s) / 60))
        data = notification(
            wish.chance,
            f"{_RFC1628}.2.1",
            varbind(f"{_RFC1628}.1.2.3.0", encode_integer(minutes)),
            varbind(f"{_RFC1628}.1.2.2.0", encode_integer(int(at_s - wish.at_s))),
            varbind(f"{_RFC1628}.1.1.5.0", encode_octets(b"drill")),
        )
        told.append(Message(wish.inject.id, at_s, wish.host("device"), "trap", data))
    return told


def certificate(wish: Wish) -> list[Told]:
    """A check meets a certificate that ends in `days` (below 0: it is over) at `host`."""
    days = wish.number("days", 7, -3650, 3650)
    return [CertificateSeen(wish.inject.id, wish.at_s, wish.host("host"), days)]


TELLING: dict[str, Telling] = {
    "certificate": certificate,
    "device_down": device_down,
    "link_cut": link_cut,
    "reboot_storm": reboot_storm,
    "snmp_trap": snmp_trap,
    "syslog": syslog,
    "ups_on_battery": ups_on_battery,
}


def _beats(wish: Wish, every: float = 1) -> list[float]:
    every_s = wish.number("every", every, 0.01, _DAY_S)
    return [wish.at_s + index * every_s for index in range(int(wish.number("count", 1, 1, 10_000)))]
