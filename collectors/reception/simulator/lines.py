"""Lines of syslog as the vendors' devices write them, as of a moment."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime

_USERS = ("admin", "noc", "backup", "guest")
_STRANGERS = ("203.0.113.9", "198.51.100.77", "192.0.2.14")
_HOURS_AHEAD = 7

Line = Callable[[random.Random, datetime], str]


def _bsd(at: datetime) -> str:
    return f"{at:%b} {at.day:2d} {at:%H:%M:%S}"


def _cisco(chance: random.Random, at: datetime) -> str:
    port, number = chance.randrange(1, 49), chance.randrange(1, 99_999)
    said = chance.choice(
        (
            f"%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/{port}, changed state to up",
            f"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: {chance.choice(_USERS)}] [Source: 10.1.1.9] "
            "[localport: 22]",
            f"%SYS-5-CONFIG_I: Configured from console by {chance.choice(_USERS)} on vty0 (10.1.1.9)",
            f"%DOT1X-5-SUCCESS: Authentication successful for client (0050.56{number:06x}) on Interface Gi0/{port}",
        )
    )
    return f"<189>{number}: {_bsd(at)}.{at.microsecond // 1000:03d} UTC: {said}"


def _junos(chance: random.Random, at: datetime) -> str:
    user = chance.choice(_USERS)
    said = chance.choice(
        (
            f"mgd[2301]: UI_CMDLINE_READ_LINE: User '{user}', command 'show interfaces terse '",
            f"mgd[2301]: UI_COMMIT: User '{user}' requested 'commit' operation (comment: none)",
            "mib2d[1500]: SNMP_TRAP_LINK_UP: ifIndex 531, ifAdminStatus up(1), ifOperStatus up(1), ifName ge-0/0/1",
        )
    )
    return f"<189>{_bsd(at)} mx1 {said}"


def _huawei(chance: random.Random, at: datetime) -> str:
    number = chance.randrange(1, 9999)
    return (
        f"<189>{at:%b} {at.day} {at:%Y %H:%M:%S} HUAWEI %%01SHELL/5/CMDRECORD(s)[{number}]:Recorded command "
        f'information. (Task=VTY0, Ip=10.1.1.9, VpnName=, User={chance.choice(_USERS)}, Command="display arp")'
    )


def _comware(chance: random.Random, at: datetime) -> str:
    return f"<189>{_bsd(at)} {at:%Y} H3C %%10SHELL/5/SHELL_LOGIN: {chance.choice(_USERS)} logged in from 10.1.1.9."


def _fortigate(chance: random.Random, at: datetime) -> str:
    return (
        f'<189>date={at:%Y-%m-%d} time={at:%H:%M:%S} devname="FGT-60F" devid="FGT60FTK00000000" '
        f'eventtime={int(at.timestamp())} tz="+0000" logid="0000000013" type="traffic" subtype="forward" '
        f'level="notice" vd="root" srcip=10.1.1.{chance.randrange(2, 250)} srcport={chance.randrange(1024, 65_535)} '
        f'dstip={chance.choice(_STRANGERS)} dstport=443 proto=6 action="accept" policyid=3 sentbyte=1820 rcvdbyte=5400'
    )


def _routeros(chance: random.Random, _at: datetime) -> str:
    return f"<30>dhcp,info dhcp1 assigned 10.1.1.{chance.randrange(2, 250)} for 00:50:56:AA:00:01"


def _linux(chance: random.Random, at: datetime) -> str:
    stranger, port = chance.choice(_STRANGERS), chance.randrange(1024, 65_535)
    said = chance.choice(
        (
            "CRON[99]: (root) CMD (run-parts /etc/cron.hourly)",
            f"sshd[123]: Accepted publickey for admin from 10.1.1.9 port {port} ssh2",
            f"sshd[124]: Connection closed by {stranger} port {port} [preauth]",
            "systemd[1]: Started Daily apt download activities.",
        )
    )
    return f"<86>{_bsd(at)} srv1 {said}"


VENDORS: Mapping[str, Line] = {
    "cisco": _cisco,
    "junos": _junos,
    "huawei": _huawei,
    "comware": _comware,
    "fortigate": _fortigate,
    "routeros": _routeros,
    "linux": _linux,
}


def lines(seed: int, at: datetime, count: int, vendors: tuple[str, ...] = tuple(VENDORS)) -> list[bytes]:
    """So many lines of these vendors in turn; the same seed and moment make the same."""
    chance = random.Random(seed)
    makers = [VENDORS[name] for name in vendors]
    return [makers[number % len(makers)](chance, at).encode() for number in range(count)]
