"""The document `settings.yaml`, as it is written."""

import ipaddress
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field, model_validator

from wardwatch.strict_yaml import SecretReference, StrictModel

POSTGRESQL = "postgresql+psycopg"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _node(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.path.strip("/"):
        raise ValueError("is no address of an Elasticsearch node: write https://HOST:9200")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("records and keys do not travel unencrypted: write https, with ca if needed")
    return value


def _database(value: str) -> str:
    parts = _split(value)
    if parts.scheme != POSTGRESQL or not parts.username or not parts.path.strip("/"):
        raise ValueError(f"is no address of a PostgreSQL database: write {POSTGRESQL}://USER@HOST/DATABASE")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query.keys() - {"host", "port"}:
        raise ValueError("takes after its ? only host (the folder of a Unix socket) and port")
    if "host" in query and not query["host"].startswith("/"):
        raise ValueError("host after the ? is the folder of a Unix socket: write another host before the /")
    if not parts.hostname and "host" not in query:
        raise ValueError("names no host: write USER@HOST, or ?host=/run/postgresql for a Unix socket")
    return value


def _split(value: str) -> Any:
    """The parts of an address that holds no password; a password is not repeated either."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.password is not None:
        raise ValueError("holds a password: take it out, and write a reference secret://NAME beside it")
    return parts


NodeUrl = Annotated[str, AfterValidator(_node)]
DatabaseUrl = Annotated[
    str, Field(json_schema_extra={"pattern": "^postgresql\\+psycopg://"}), AfterValidator(_database)
]
Days = Annotated[int, Field(ge=1, le=36500)]
File = Annotated[str, Field(min_length=1, description="A file; relative to the data folder.")]


class RecordsDocument(StrictModel):
    """Where samples and events are kept, and for how long after they came in."""

    engine: Literal["embedded", "elasticsearch"] = "embedded"
    urls: tuple[NodeUrl, ...] = ()
    api_key: SecretReference | None = None
    ca: File | None = None
    prefix: Annotated[str, Field(pattern="^[a-z][a-z0-9]{0,30}$")] = "wardwatch"
    shards: Annotated[int, Field(ge=1, le=64)] = 1
    replicas: Annotated[int, Field(ge=0, le=5)] = 0
    keep_events_days: Days = 400
    keep_samples_days: Days = 400
    keep_rejected_days: Days = 90

    @model_validator(mode="after")
    def _of_the_engine(self) -> "RecordsDocument":
        elastic = {"urls", "api_key", "ca", "prefix", "shards", "replicas"} & self.model_fields_set
        if self.engine == "embedded" and elastic:
            raise ValueError(f"the embedded engine takes no {', '.join(sorted(elastic))}: write engine: elasticsearch")
        if self.engine == "elasticsearch" and not self.urls:
            raise ValueError("the engine elasticsearch needs urls: [https://HOST:9200]")
        return self


class StateDocument(StrictModel):
    """The PostgreSQL database of everything that changes."""

    url: DatabaseUrl
    password: SecretReference | None = None
    ca: File | None = None
    connections: Annotated[int, Field(ge=2, le=100)] = 10


class WebDocument(StrictModel):
    """What the web server proves itself with, both PEM."""

    certificate: File
    key: File


class SensorDocument(StrictModel):
    """The Suricata beside this machine: the file of its rules, which WardWatch writes and its configuration names under
    `rule-files`; its configuration; its command socket."""

    rules: File | None = None
    configuration: File = "/etc/suricata/suricata.yaml"
    command_socket: File = "/run/suricata-command.socket"


def _endpoint(value: str) -> str:
    host, _, port = value.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        is_port = 0 < int(port) < 65536
    except ValueError:
        is_port = False
    if not is_port:
        raise ValueError("is no address to listen on: write ADDRESS:PORT, as 0.0.0.0:514 or [::]:514")
    return value


Endpoint = Annotated[
    str,
    Field(description="ADDRESS:PORT; 0.0.0.0 is every IPv4 address, [::] every address."),
    AfterValidator(_endpoint),
]


class SyslogDocument(StrictModel):
    """Where syslog is received. With a certificate and its key (PEM) also by TLS; with authorities only from those
    whose own certificate they have signed."""

    udp: tuple[Endpoint, ...] = ("127.0.0.1:1514",)
    tcp: tuple[Endpoint, ...] = ("127.0.0.1:1514",)
    tls: tuple[Endpoint, ...] = ()
    certificate: File | None = None
    key: File | None = None
    authorities: File | None = None

    @model_validator(mode="after")
    def _proven(self) -> "SyslogDocument":
        if self.tls and not (self.certificate and self.key):
            raise ValueError("tls needs certificate and key")
        return self


class ReceptionDocument(StrictModel):
    """Where traps, syslog and flows are received; what is not said is loopback, above port 1023. Each address of flows
    takes NetFlow, IPFIX and sFlow alike."""

    traps: tuple[Endpoint, ...] = ("127.0.0.1:1162",)
    syslog: SyslogDocument = SyslogDocument()
    flows: tuple[Endpoint, ...] = ("127.0.0.1:2055", "127.0.0.1:4739", "127.0.0.1:6343")


class SettingsDocument(StrictModel):
    """An installation; what is not said is embedded, and without a certificate."""

    records: RecordsDocument = RecordsDocument()
    state: StateDocument | None = None
    web: WebDocument | None = None
    sensor: SensorDocument = SensorDocument()
    reception: ReceptionDocument = ReceptionDocument()


def settings_schema() -> dict[str, Any]:
    """JSON Schema of the document."""
    schema = SettingsDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Settings of an installation"}
