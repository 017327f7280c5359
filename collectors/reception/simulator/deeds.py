"""Failed logins and changed configurations in the words of each vendor."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from wardwatch.model.inventory import Device

ATTEMPTS = 6
_ADMINISTRATOR, _DESK = "noc.admin", "10.1.1.9"
_HANOI = timezone(timedelta(hours=7))

Deed = Callable[[str, str, datetime], str]
"""User, address, moment in Hà Nội."""


def login_failed(chance: random.Random, device: Device, at: datetime, stranger: str) -> str:
    """A line about somebody at this address who does not know the password."""
    made = _FAILED.get(device.vendor or "", _linux_failed)
    return made(chance.choice(("root", "admin", "test")), stranger, at.astimezone(_HANOI))


def configuration_changed(_chance: random.Random, device: Device, at: datetime) -> str:
    """A line about an administrator who changed the configuration."""
    return _CHANGED.get(device.vendor or "", _cisco_changed)(_ADMINISTRATOR, _DESK, at.astimezone(_HANOI))


def _bsd(at: datetime) -> str:
    return f"{at:%b} {at.day:2d} {at:%H:%M:%S}"


def _cisco_failed(user: str, address: str, at: datetime) -> str:
    said = f"Login failed [user: {user}] [Source: {address}] [localport: 22] [Reason: Login Authentication Failed]"
    return f"<188>72: {_bsd(at)}.000 +07:00: %SEC_LOGIN-4-LOGIN_FAILED: {said}"


def _cisco_changed(user: str, address: str, at: datetime) -> str:
    return f"<189>74: {_bsd(at)}.000 +07:00: %SYS-5-CONFIG_I: Configured from console by {user} on vty0 ({address})"


def _huawei(at: datetime, said: str) -> str:
    return f"<188>{at:%b} {at.day} {at:%Y %H:%M:%S} HUAWEI %%01{said}"


def _huawei_failed(user: str, address: str, at: datetime) -> str:
    said = f"(Ip={address}, UserName={user}, Times=3, AccessType=SSH)"
    return _huawei(at, f"SHELL/4/LOGINFAILED(s)[14]:Failed to login. {said}")


def _huawei_changed(_user: str, _address: str, at: datetime) -> str:
    said = "The user chose Y when deciding whether to save the configuration to the device."
    return _huawei(at, f"CFM/4/SAVE(s)[17]:{said}")


def _comware_failed(user: str, address: str, at: datetime) -> str:
    return f"<189>{_bsd(at)} {at:%Y} H3C %%10LOGIN/5/LOGIN_FAILED: {user} failed to log in from {address}."


def _comware_changed(_user: str, _address: str, at: datetime) -> str:
    said = "-EventIndex=6-CommandSource=2-ConfigSource=4-ConfigDestination=2; Configuration changed."
    return f"<189>{_bsd(at)} {at:%Y} H3C %%10CFGMAN/5/CFGMAN_CFGCHANGED: {said}"


def _junos_failed(user: str, address: str, at: datetime) -> str:
    said = f"SSHD_LOGIN_FAILED: Login failed for user '{user}' from host '{address}'"
    return f"<35>{_bsd(at)} mx1 sshd[2302]: {said}"


def _junos_changed(user: str, _address: str, at: datetime) -> str:
    return f"<189>{_bsd(at)} mx1 mgd[2301]: UI_COMMIT: User '{user}' requested 'commit' operation (comment: none)"


def _fortigate(at: datetime, said: str) -> str:
    return f'<185>date={at:%Y-%m-%d} time={at:%H:%M:%S} devname="FGT" devid="FGT60F" tz="+0700" {said}'


def _fortigate_failed(user: str, address: str, at: datetime) -> str:
    return _fortigate(
        at,
        'logid="0100032002" type="event" subtype="system" level="alert" vd="root" logdesc="Admin login failed" '
        f'user="{user}" ui="ssh({address})" method="ssh" srcip={address} dstip=192.0.2.1 '
        'action="login" status="failed"',
    )


def _fortigate_changed(user: str, address: str, at: datetime) -> str:
    return _fortigate(
        at,
        'logid="0100044547" type="event" subtype="system" level="information" vd="root" '
        f'logdesc="Object attribute configured" user="{user}" ui="GUI({address})" action="Edit" cfgtid=7864321 '
        'cfgpath="firewall.policy" cfgobj="3" msg="Edit firewall.policy 3"',
    )


def _routeros_failed(user: str, address: str, _at: datetime) -> str:
    return f"<26>system,error,critical login failure for user {user} from {address} via ssh"


def _routeros_changed(user: str, address: str, _at: datetime) -> str:
    return f"<30>system,info filter rule changed by ssh:{user}@{address}"


def _linux_failed(user: str, address: str, at: datetime) -> str:
    return f"<86>{_bsd(at)} srv1 sshd[124]: Failed password for {user} from {address} port 40022 ssh2"


_FAILED: Mapping[str, Deed] = {
    "Cisco": _cisco_failed,
    "Huawei": _huawei_failed,
    "H3C": _comware_failed,
    "Juniper": _junos_failed,
    "Fortinet": _fortigate_failed,
    "MikroTik": _routeros_failed,
}
_CHANGED: Mapping[str, Deed] = {
    "Cisco": _cisco_changed,
    "Huawei": _huawei_changed,
    "H3C": _comware_changed,
    "Juniper": _junos_changed,
    "Fortinet": _fortigate_changed,
    "MikroTik": _routeros_changed,
}
