"""From the document to the settings of the stores: secrets are looked up, files are found, lines are kept for
complaints."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from wardwatch.errors import DocumentError, Problem, UserError
from wardwatch.installation import Installation
from wardwatch.installation.documents import (
    ReceptionDocument,
    RecordsDocument,
    SettingsDocument,
    StateDocument,
    WebDocument,
)
from wardwatch.records import ElasticSettings, RecordSettings
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder, Listen, ReceptionSettings, SensorSettings, Tls
from wardwatch.state import StateSettings
from wardwatch.strict_yaml import Location, check, line_of, read, read_text


def read_settings(path: Path, data: DataFolder, secrets: Secrets) -> Installation:
    """The installation that a `settings.yaml` describes. Raises `DocumentError`."""
    document, lines = _document(path)
    found = _Found(path, lines, data, secrets)
    records, state, tls = found.records(document.records), found.state(document.state), found.tls(document.web)
    if found.problems:
        raise DocumentError(found.problems)
    return Installation(data, document.state.url if document.state else data.state_url, state, records, tls)


def read_sensor_settings(path: Path, data: DataFolder) -> SensorSettings:
    """What a `settings.yaml` says of the sensor; no secret is looked up. Raises `DocumentError`."""
    sensor = _document(path)[0].sensor
    root = data.root.absolute()
    rules = data.sensor_rules if sensor.rules is None else root / sensor.rules
    return SensorSettings(rules, root / sensor.configuration, root / sensor.command_socket)


def read_reception_settings(path: Path, data: DataFolder) -> ReceptionSettings:
    """What a `settings.yaml` says of reception. Raises `DocumentError`, also where a file of TLS cannot be read."""
    document, lines = _document(path)
    found = _Found(path, lines, data, Secrets(data.secrets))
    reception = found.reception(document.reception)
    if found.problems:
        raise DocumentError(found.problems)
    return reception


def _document(path: Path) -> tuple[SettingsDocument, Mapping[Location, int]]:
    plain, lines = read(read_text(path), str(path))
    document, problems = check(plain, SettingsDocument, lines, str(path))
    if document is None:
        raise DocumentError(problems)
    return document, lines


class _Found:
    """What the document refers to, and what of it is missing."""

    def __init__(self, path: Path, lines: Mapping[Location, int], data: DataFolder, secrets: Secrets) -> None:
        self._path = path
        self._lines = lines
        self._data = data
        self._secrets = secrets
        self.problems: list[Problem] = []

    def records(self, document: RecordsDocument) -> RecordSettings | ElasticSettings:
        events, samples, rejected = (
            timedelta(days=days)
            for days in (document.keep_events_days, document.keep_samples_days, document.keep_rejected_days)
        )
        if document.engine == "embedded":
            return RecordSettings(keep_events=events, keep_samples=samples, keep_rejected=rejected)
        return ElasticSettings(
            urls=document.urls,
            api_key=self._word(("records", "api_key"), document.api_key),
            ca=self._file(("records", "ca"), document.ca),
            prefix=document.prefix,
            shards=document.shards,
            replicas=document.replicas,
            keep_events=events,
            keep_samples=samples,
            keep_rejected=rejected,
        )

    def state(self, document: StateDocument | None) -> StateSettings:
        if document is None:
            return StateSettings()
        reference = document.password
        self._word(("state", "password"), reference)
        password = None if reference is None else lambda: self._secrets.resolve(reference)
        return StateSettings(password, self._file(("state", "ca"), document.ca), document.connections)

    def tls(self, document: WebDocument | None) -> Tls | None:
        if document is None:
            return None
        certificate = self._file(("web", "certificate"), document.certificate)
        key = self._file(("web", "key"), document.key)
        return Tls(certificate, key) if certificate and key else None

    def reception(self, document: ReceptionDocument) -> ReceptionSettings:
        syslog, at = document.syslog, ("reception", "syslog")
        certificate = self._file((*at, "certificate"), syslog.certificate)
        key = self._file((*at, "key"), syslog.key)
        return ReceptionSettings(
            traps=_endpoints(document.traps),
            syslog_udp=_endpoints(syslog.udp),
            syslog_tcp=_endpoints(syslog.tcp),
            syslog_tls=_endpoints(syslog.tls),
            flows=_endpoints(document.flows),
            proof=Tls(certificate, key) if certificate and key else None,
            authorities=self._file((*at, "authorities"), syslog.authorities),
        )

    def _word(self, at: Location, reference: str | None) -> str | None:
        if reference is None:
            return None
        try:
            return self._secrets.resolve(reference)
        except UserError as error:
            self._complain(at, str(error))
            return None

    def _file(self, at: Location, name: str | None) -> Path | None:
        """A file that can be read, whole path."""
        if name is None:
            return None
        path = self._data.root.absolute() / name
        try:
            with path.open("rb"):
                return path
        except OSError as error:
            self._complain(at, f"{path} cannot be read: {error.strerror}")
            return None

    def _complain(self, at: Location, sentence: str) -> None:
        self.problems.append(
            Problem(str(self._path), line_of(at, self._lines), f"'{'.'.join(map(str, at))}': {sentence}")
        )


def _endpoints(written: tuple[str, ...]) -> tuple[Listen, ...]:
    found = (each.rpartition(":") for each in written)
    return tuple(Listen(host.strip("[]"), int(port)) for host, _, port in found)
