"""A real core with TLS, simulated devices in two zones, and a wire that can be cut between the core and its edges."""

import contextlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Site, Unit, Zone
from wardwatch.model.time import utc_now
from wardwatch.ports import StateStore
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder
from wardwatch.state import open_state

COMMUNITY = "city"


def wait_until(condition: Callable[[], bool], timeout_s: float = 25.0) -> None:
    """Waits for what another process does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Wire:
    """Carries bytes from a port of its own to the core; cut, it drops what it carries and takes nothing new."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._cut = True
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        with self._lock:
            self._cut = False

    def close(self) -> None:
        self.cut()
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            with self._lock:
                if self._cut:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self._to))
                except OSError:
                    near.close()
                    continue
                self._open |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open -= {source}
        source.close()


@dataclass(slots=True)
class Centre:
    """The data centre: its core, its authority, and what a test does with them."""

    folder: Path
    ca: Path
    port: int
    wire: Wire
    state: StateStore
    running: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def data(self) -> DataFolder:
        return DataFolder(self.folder / "core")

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def far_url(self) -> str:
        """The core, through the wire."""
        return f"https://127.0.0.1:{self.wire.port}"

    def wardwatch(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command that ends."""
        command = [sys.executable, "-m", "wardwatch", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)

    def add_edge(self, name: str, zone: str) -> str:
        ended = self.wardwatch("edge", "add", name, "--zone", zone, "--data", "core")
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """A command that goes on; its output is in `NAME.log`."""
        command = [sys.executable, "-m", "wardwatch", *arguments]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def collect(self, name: str, zone: str, token: str, *more: str) -> "subprocess.Popen[bytes]":
        """`wardwatch collect` of a district, with secrets of its own."""
        write_secrets(self.folder / name / "secrets", {"token": token, "ro": COMMUNITY})
        to_core = ("--zone", zone, "--server", self.far_url, "--token", "secret://token", "--ca", str(self.ca))
        return self.start(name, "collect", "--data", name, "--interval", "5", *to_core, *more)

    def hears(self, edge: str, part: str) -> bool:
        """Whether a part says that it runs."""
        trusted = ssl.create_default_context(cafile=str(self.ca))
        with urllib.request.urlopen(f"{self.url}/metrics", context=trusted, timeout=10) as answer:
            return f'wardwatch_part_up{{edge="{edge}",part="{part}"}} 1.0' in answer.read().decode()

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_until


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    inventory = city(free_port(socket.SOCK_DGRAM))
    with simulated(inventory), started(tmp_path_factory.mktemp("centre"), inventory) as centre:
        yield centre


@pytest.fixture(scope="module")
def lonely_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """Without devices that answer."""
    with started(tmp_path_factory.mktemp("lonely"), city(free_port(socket.SOCK_DGRAM))) as centre:
        yield centre


@contextlib.contextmanager
def started(folder: Path, inventory: Inventory) -> Iterator[Centre]:
    """A core process with a certificate, and what else a test starts there."""
    ca = certificates(folder)
    data = DataFolder(folder / "core")
    state = open_state(data.state_url, utc_now)
    state.inventory.replace(Actor("test"), inventory)
    write_secrets(data.secrets, {"ro": COMMUNITY})
    data.settings.write_text("web: {certificate: ../core.pem, key: ../core.key}\n")
    port = free_port(socket.SOCK_STREAM)
    centre = Centre(folder, ca, port, Wire(port), state)
    try:
        core = centre.start("core", "core", "--data", "core", "--listen", f"127.0.0.1:{port}", "--interval", "5")
        wait_until(lambda: answers(port, ca) or core.poll() is not None)
        assert core.poll() is None, centre.said("core")
        yield centre
    finally:
        for process in reversed(centre.running):
            process.send_signal(signal.SIGTERM)
        for process in reversed(centre.running):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        centre.wire.close()
        state.close()


def answers(port: int, ca: Path) -> bool:
    trusted = ssl.create_default_context(cafile=str(ca))
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 2) as plain,
            trusted.wrap_socket(plain, server_hostname="127.0.0.1"),
        ):
            return True
    except OSError:
        return False


def city(snmp_port: int) -> Inventory:
    """Two zones of two devices each, all on one port of addresses of their own."""

    def device(name: str, zone: str, number: int) -> Device:
        return Device(
            name,
            name,
            DeviceRole.SERVER,
            "u",
            "s",
            zone,
            f"127.78.0.{number}",
            snmp_port,
            "v2",
            "Dell",
            "R740",
            ports=2,
        )

    devices = [
        device("dc-1", "dc", 1),
        device("dc-2", "dc", 2),
        device("gl-1", "gialam", 3),
        device("gl-2", "gialam", 4),
    ]
    return Inventory(
        units={"u": Unit("u", "Thành phố", "city", "H26", networks=("10.0.0.0/8",))},
        zones={
            "dc": Zone("dc", "Trung tâm dữ liệu"),
            "gialam": Zone("gialam", "Gia Lâm"),
            "socson": Zone("socson", "Sóc Sơn"),
            "lab": Zone("lab", "Thử nghiệm"),
        },
        sites={"s": Site("s", "Trụ sở", "u")},
        devices={each.id: each for each in devices},
        credentials={"v2": Credential("v2", "snmp-v2c", community="secret://ro")},
    )


@contextlib.contextmanager
def simulated(inventory: Inventory) -> Iterator[None]:
    words = {"secret://ro": COMMUNITY}
    simulator = Simulator(SimulatorSettings(seed=7), inventory, words.__getitem__, FaultSchedule(), utc_now)
    simulator.start()
    thread = threading.Thread(target=simulator.run)
    thread.start()
    try:
        yield
    finally:
        simulator.stop()
        thread.join(10)


def certificates(folder: Path) -> Path:
    """An authority, and the core's certificate and key by it; returns the authority's file."""
    now = utc_now()
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "city authority")])

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
        )

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    ca = (
        begun(authority, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    core = (
        begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "core")]), key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "core.pem").write_bytes(core.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "core.key").touch(mode=0o600)
    (folder / "core.key").write_bytes(private)
    return folder / "ca.pem"
