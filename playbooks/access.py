"""How devices are logged in to: one YAML document of the installation, and the host keys that were enrolled."""

import base64
import hashlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import paramiko
from pydantic import Field

from playbooks.documents import PlatformName, Select
from playbooks.hashicorp import VaultDocument
from playbooks.platforms import Platform, platform_named
from playbooks.sessions import Login
from wardwatch.errors import EngineFault, UserError
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.inventory import Device, Inventory
from wardwatch.strict_yaml import SecretReference, StrictModel, load


class LoginRule(StrictModel):
    """How the devices it selects are logged in to. The first rule that selects a device holds. `jump` is an OpenSSH
    client configuration with a ProxyJump; `telnet` sends passwords in clear, and is never fallen back to."""

    select: Select
    platform: PlatformName
    user: str
    password: SecretReference
    enable: SecretReference | None = None
    host: str | None = None
    port: int = Field(default=22, ge=1, le=65535)
    jump: str | None = None
    telnet: bool = False
    timeout_s: float = Field(default=20, gt=0, le=300)


class AccessDocument(StrictModel):
    """All of them, and the HashiCorp Vault that holds their words, where there is one."""

    logins: list[LoginRule]
    vault: VaultDocument | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Says of a device its platform and how to log in. `resolve` gives the word of a reference."""

    document: AccessDocument
    inventory: Inventory
    known_hosts: Path
    resolve: Callable[[str], str]

    def rule(self, device: Device) -> LoginRule | None:
        """The rule of a device; None where nobody wrote one."""
        return next((rule for rule in self.document.logins if self.selects(rule.select, device, rule.platform)), None)

    def platform(self, device: Device) -> Platform | None:
        rule = self.rule(device)
        return None if rule is None else platform_named(rule.platform)

    def login(self, device: Device) -> Login:
        """Raises `UserError` where no rule holds, or a secret is missing."""
        rule = self.rule(device)
        if rule is None:
            raise UserError(f"no login is written for the device {device.id}", "add a rule to playbooks/access.yaml")
        return Login(
            device=device.id,
            host=rule.host or device.address,
            user=rule.user,
            password=self.resolve(rule.password),
            known_hosts=self.known_hosts,
            port=rule.port,
            enable=self.resolve(rule.enable) if rule.enable else "",
            jump=rule.jump,
            telnet=rule.telnet,
            timeout_s=rule.timeout_s,
        )

    def selects(self, select: Select, device: Device, platform: str) -> bool:
        """Whether every key of the selection holds."""
        tree = UnitTree(self.inventory.units)
        units = {each for unit in select.units if unit in self.inventory.units for each in tree.subtree(unit)}
        return all(
            not wanted or has in wanted
            for wanted, has in (
                (select.devices, device.id),
                (select.roles, device.role),
                (select.sites, device.site),
                (select.zones, device.zone),
                (select.vendors, device.vendor),
                (select.platforms, platform),
            )
        ) and (not select.units or device.unit in units)


def read_access(path: Path) -> AccessDocument:
    """Raises `DocumentError`."""
    return load(path, AccessDocument)


def offered_key(host: str, port: int, timeout_s: float = 10.0) -> tuple[str, str]:
    """The host key that answers there, as a line of known hosts, and its fingerprint. Raises `EngineFault`."""
    try:
        with socket.create_connection((host, port), timeout_s) as line, paramiko.Transport(line) as transport:
            transport.start_client(timeout=timeout_s)
            key = transport.get_remote_server_key()
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise EngineFault(f"no host key from {host}:{port}: {error}", "check the address and the port") from None
    print_of = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    name = host if port == 22 else f"[{host}]:{port}"
    return f"{name} {key.get_name()} {key.get_base64()}", f"SHA256:{print_of}"


def enrol(known_hosts: Path, line: str) -> None:
    """Trusts a key from now on, instead of any that was trusted for the same name."""
    known_hosts.parent.mkdir(parents=True, exist_ok=True)
    old = known_hosts.read_text("utf-8").splitlines() if known_hosts.exists() else []
    name = line.split()[0]
    kept = [each for each in old if each.split()[:1] != [name]]
    known_hosts.write_text("".join(f"{each}\n" for each in (*kept, line)), "utf-8")
