"""A small installation over a laboratory: what the tests of pushing and the benchmark share.

Run as a program it is a runner that dies."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from playbooks.access import Access, AccessDocument
from playbooks.documents import Playbook
from playbooks.journal import Journal
from playbooks.lab.device import FakeDevice
from playbooks.lab.server import PASSWORD, USER
from playbooks.planning import Planner
from playbooks.plans import Plan, keep, read_plan
from playbooks.running import Runner
from playbooks.vault import Vault, vault_key
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Service, Unit
from wardwatch.model.time import utc_now
from wardwatch.strict_yaml import parse

WORD = "Marker-7f3a9"
TEXTS = {
    "cisco_ios": "hostname {name}\nusername lab secret 5 {marker}\ninterface Vlan9\n"
    " ip address 10.9.9.9 255.255.255.0\n"
    "interface Gi0/1\n description old\nline vty 0 4\n transport input ssh\n",
    "huawei_vrp": "sysname {name}\ninterface Vlanif9\n ip address 10.9.9.9 255.255.255.0\ninterface GE0/0/1\n"
    " description old\n",
    "juniper_junos": "set system host-name {name}\nset system login user lab authentication encrypted-password"
    " {marker}\nset interfaces ge-0/0/1 description old\n",
}
TEXTS["h3c_comware"] = TEXTS["huawei_vrp"]
CHANGES = {
    "cisco_ios": "interface Gi0/1\n description new\nexit\nntp authentication-key 1 md5 {{ key }}\nntp server 10.0.0.1",
    "huawei_vrp": "interface GE0/0/1\n description new\nquit\nntp-service unicast-server 10.0.0.1",
    "juniper_junos": "delete interfaces ge-0/0/1 description old\nset interfaces ge-0/0/1 description new",
}
CHANGES["h3c_comware"] = CHANGES["huawei_vrp"]
TEXTS["frr"] = "ip route 10.9.1.0/24 blackhole\n"
CHANGES["frr"] = "ip route 10.9.2.0/24 blackhole\nip route 10.9.3.0/24 blackhole 20"
TEXTS["frr_tcli"] = ""
CHANGES["frr_tcli"] = "router rip\n version 2\n default-metric 3"
MINUTE_S = 2.0


def fake(name: str, platform: str, minute_s: float = MINUTE_S) -> FakeDevice:
    """A device of the laboratory, whose minutes are short."""
    text = TEXTS[platform].format(name=name, marker="$1$" + WORD)
    return FakeDevice.of(name, platform, text, minute_s, banner="Only # for >\n* staff #")


class Installation:
    """One in a folder, for devices on ports of the loopback. `minute_s` is how long the devices' minutes last."""

    def __init__(
        self,
        folder: Path,
        ports: Mapping[str, tuple[str, int]],
        groups: Mapping[str, str] | None = None,
        minute_s: float = MINUTE_S,
    ) -> None:
        self.folder = folder
        secrets = folder / "secrets"
        self.vault = Vault(folder / "configurations", vault_key(secrets))
        devices = {
            name: Device(name, name, DeviceRole.ROUTER, "unit", f"site-{name}", "wan", "10.9.9.9") for name in ports
        }
        self.inventory = Inventory(
            units={"unit": Unit("unit", "Unit", "ward", "1")},
            devices=devices,
            services={"one-stop": Service("one-stop", "One stop", "public-service", "unit", devices=tuple(ports))},
        )
        logins = [
            {"select": {"devices": [name]}, "platform": platform, "user": USER, "password": "secret://lab",
             "host": "127.0.0.1", "port": port, "timeout_s": 5, "telnet": platform == "frr_tcli",
             "enable": "secret://lab" if platform == "frr_tcli" else None}
            for name, (platform, port) in ports.items()
        ]  # fmt: skip
        document = AccessDocument.model_validate({"logins": logins})
        self.access = Access(document, self.inventory, folder / "known_hosts", self.resolve)
        self.planner = Planner(self.inventory, self.access, self.vault, utc_now, groups or {}, self.resolve)
        self.runner = Runner(folder, self.access, self.vault, self.resolve, minute_s, sleep=lambda _: None)

    def resolve(self, reference: str) -> str:
        """The words of the laboratory."""
        return {"secret://lab": PASSWORD, "secret://key": WORD}[reference]

    def trust(self, host_key: str) -> None:
        """Enrols one key for every device."""
        names = (f"[{rule.host}]:{rule.port}" for rule in self.access.document.logins)
        self.access.known_hosts.write_text("".join(f"{name} {host_key}\n" for name in names))

    def plan(self, more: str = "", changes: Mapping[str, str] = CHANGES) -> Plan:
        """A kept plan of the usual change."""
        head = (
            "apiVersion: playbook/v1\nname: usual\ntitle: {vi: a, en: b}\nowner: noc\nrisk: low\ntargets: {max: 1000}\n"
        )
        playbook = parse(head + "vars: {key: {type: secret, ref: secret://key}}\nrollback: {timer_minutes: 1}\n" + more,
                         Playbook, "usual.yaml").model_copy(update={"config": dict(changes)})  # fmt: skip
        plan = self.planner.plan(playbook, {"key": "secret://key"}, "an")
        keep(plan, self.folder / "plans")
        return plan


def main() -> None:
    """FOLDER PLAN PLATFORM PORT DEVICE MOMENT: runs the plan, and dies as by kill -9 once the moment is written."""
    folder, plan, platform, port, name, moment = sys.argv[1:]
    bench = Installation(Path(folder), {name: (platform, int(port))})
    write = Journal.write

    def written(self: Journal, event: str, device: str = "", **detail: object) -> None:
        write(self, event, device, **detail)
        if moment in (event, detail.get("state")):
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.write = written  # type: ignore[method-assign]
    bench.runner.run(read_plan(bench.folder / "plans", plan), "an")


if __name__ == "__main__":
    main()
