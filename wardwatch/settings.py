"""Where an installation keeps its things, and how it listens: one frozen value, made once."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The layout of the data folder (`--data`): every path of an installation follows from its root."""

    root: Path

    @property
    def settings(self) -> Path:
        """What an installation says about its stores and its certificate; often missing."""
        return self.root / "settings.yaml"

    @property
    def state_url(self) -> str:
        """SQLAlchemy URL of the embedded state store."""
        return f"sqlite:///{self.root / 'state.sqlite'}"

    @property
    def records(self) -> Path:
        """Folder of the embedded record store: `hot.duckdb` and sealed Parquet files."""
        return self.root / "records"

    @property
    def journal(self) -> Path:
        """Folder of the edges' journals, one folder an edge."""
        return self.root / "journal"

    @property
    def socket(self) -> Path:
        """The core's Unix socket: edges ship to it, the command line asks it."""
        return self.root / "core.sock"

    @property
    def lock(self) -> Path:
        """Locked by whoever works on the folder: `wardwatch up` alone, commands with each other."""
        return self.root / "lock"

    @property
    def eve(self) -> Path:
        """Folder where the local Suricata writes `eve.json`."""
        return self.root / "eve"

    @property
    def drills(self) -> Path:
        """Folder of drill runs: packets, alerts, scores."""
        return self.root / "drills"

    @property
    def secrets(self) -> Path:
        """Folder of secret files (mode 0600), what `secret://name` refers to."""
        return self.root / "secrets"

    @property
    def rules(self) -> Path:
        """Folder of the rules (`*.rules`) that the core hands to the sensors of its edges."""
        return self.root / "rules"

    @property
    def demo_services(self) -> Path:
        """Folder of the certificates that the demo's own servers show."""
        return self.root / "demo-services"

    @property
    def sigma(self) -> Path:
        """Folder of the installation's own Sigma rules (`*.yaml`, `*.yml`); read again when a file changes."""
        return self.root / "sigma"

    @property
    def notify(self) -> Path:
        """Whom incidents are told to; often missing, and then nobody is told."""
        return self.root / "notify.yaml"

    @property
    def notifications(self) -> Path:
        """The log of notifications: every attempt, and what was told already."""
        return self.root / "notify" / "log.jsonl"

    @property
    def sensor_rules(self) -> Path:
        """The rules of the Suricata beside this edge, written by WardWatch alone."""
        return self.root / "sensor" / "suricata.rules"

    @property
    def restoring(self) -> Path:
        """What a restore is building; while it is there the folder is neither the old installation nor the new."""
        return self.root / ".restore"

    @property
    def snmp_engine(self) -> Path:
        """The id of our SNMP engine, for informs, and how often it has started."""
        return self.root / "snmp.engine"

    @property
    def mibs(self) -> Path:
        """Names out of MIBs that the user has given (`wardwatch mibs compile`)."""
        return self.root / "mibs.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web server listens."""

    host: str = "127.0.0.1"
    port: int = 8080

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Tls:
    """What the web server proves itself with: a certificate (PEM, with those between it and its authority) and its
    key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """The Suricata beside an edge. `rules` is a file that Suricata's configuration names under `rule-files`; it belongs
    to WardWatch. The command socket is Suricata's `unix-command`. Loading 40,000 rules takes about eight seconds."""

    rules: Path
    configuration: Path = Path("/etc/suricata/suricata.yaml")
    command_socket: Path = Path("/run/suricata-command.socket")
    program: str = "suricata"
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True)
class ReceptionSettings:
    """Where what devices send of their own accord is received; nowhere for an empty tuple. Loopback and ports above
    1023 unless an installation says otherwise: nothing is opened to the network, and no privilege is needed, unasked.

    `proof` is what the TLS listener of syslog proves itself with (none: no TLS), `authorities` who must have signed
    the certificates of those that connect (none: they need no certificate).
    """

    traps: tuple[Listen, ...] = (Listen("127.0.0.1", 1162),)
    syslog_udp: tuple[Listen, ...] = (Listen("127.0.0.1", 1514),)
    syslog_tcp: tuple[Listen, ...] = (Listen("127.0.0.1", 1514),)
    syslog_tls: tuple[Listen, ...] = ()
    flows: tuple[Listen, ...] = (Listen("127.0.0.1", 2055), Listen("127.0.0.1", 4739), Listen("127.0.0.1", 6343))
    proof: Tls | None = None
    authorities: Path | None = None
