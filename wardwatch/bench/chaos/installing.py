"""Makes a fresh installation for one trial: inventory, settings, certificate, edge."""

import subprocess
from ipaddress import ip_address
from pathlib import Path

from wardwatch.bench.chaos.rig import Rig
from wardwatch.edges import EdgeRegister
from wardwatch.errors import SystemFault
from wardwatch.installation import read_installation
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Site, Unit, Zone
from wardwatch.model.time import utc_now
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder

CORE_PORT = 8443
CORE_ADDRESS = "198.18.1.1"
"""Of the core's end of the line to the edge (RFC 2544)."""
SNMP_PORT = 16161
DEVICES = 40
INTERVAL_S = "5"
EDGE = "gialam"
_ACTOR = Actor.system("chaos")


def install(folder: Path, records: str, remote: bool, devices: int) -> Rig:
    """An installation with records as these lines of settings say; its events are read by the ingest beside the core,
    or by a remote edge."""
    data, eve = DataFolder(folder / "core"), folder / "eve"
    for each in (data.root, eve):
        each.mkdir(parents=True, exist_ok=True)
    data.eve.symlink_to(folder / "none" if remote else eve)
    write_secrets(data.secrets, {"ro": "chaos"})
    _certify(folder)
    data.settings.write_text(f"{records}web: {{certificate: ../core.pem, key: ../core.key}}\n", encoding="utf-8")
    token = _found(data, devices)
    place = ("--data", str(data.root))
    commands: dict[str, tuple[str, ...]] = {
        "core": ("core", *place, "--listen", f"0.0.0.0:{CORE_PORT}", "--interval", INTERVAL_S)
    }
    if devices:
        commands["simulate"] = ("simulate", *place)
        commands["collect"] = ("collect", *place, "--interval", INTERVAL_S)
    if remote:
        (folder / "none").mkdir()
        commands["edge"] = _edge(folder, eve, token)
    else:
        commands["ingest"] = ("ingest", *place)
    return Rig(folder, CORE_PORT, data, eve, commands)


def _edge(folder: Path, eve: Path, token: str) -> tuple[str, ...]:
    own = DataFolder(folder / "edge")
    write_secrets(own.secrets, {"token": token, "ro": "chaos"})
    to_core = ("--zone", EDGE, "--server", f"https://{CORE_ADDRESS}:{CORE_PORT}", "--token", "secret://token")
    trust = ("--ca", str(folder / "core.pem"))
    return ("collect", "--data", str(own.root), "--interval", INTERVAL_S, *to_core, *trust, "--eve", str(eve))


def _found(data: DataFolder, devices: int) -> str:
    """Writes the inventory and the edge into the state store; returns the edge's token."""
    state = read_installation(data).open_state(utc_now)
    try:
        state.inventory.replace(_ACTOR, _city(devices))
        return EdgeRegister(state.edges, state.inventory, utc_now).add(_ACTOR, EDGE, EDGE)
    finally:
        state.close()


def _city(devices: int) -> Inventory:
    first = int(ip_address("127.9.0.1"))
    everything = [
        Device(
            f"d{number}",
            f"D{number}",
            DeviceRole.ACCESS_SWITCH,
            "city",
            "centre",
            "dc",
            str(ip_address(first + number)),
            snmp_port=SNMP_PORT,
            credential="v2",
            ports=8,
        )
        for number in range(devices)
    ]
    return Inventory(
        units={"city": Unit("city", "Thành phố", "city", "01", networks=("10.0.0.0/8",))},
        zones={"dc": Zone("dc", "Trung tâm dữ liệu"), EDGE: Zone(EDGE, "Gia Lâm")},
        sites={"centre": Site("centre", "Trụ sở", "city")},
        credentials={"v2": Credential("v2", "snmp-v2c", community="secret://ro")},
        devices={device.id: device for device in everything},
    )


def _certify(folder: Path) -> None:
    """A certificate that is its own authority."""
    names = f"subjectAltName=IP:127.0.0.1,IP:{CORE_ADDRESS}"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    files = ["-keyout", str(folder / "core.key"), "-out", str(folder / "core.pem")]
    ended = subprocess.run(
        [*words, *files, "-subj", "/CN=core", "-addext", names], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemFault(f"openssl made no certificate: {ended.stderr.strip()}", "install the package openssl")
    (folder / "core.key").chmod(0o600)
