"""An installation: its data folder, and what the `settings.yaml` in it says about stores and certificate.

Without that file the stores are embedded in the folder and the web server has no certificate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wardwatch.errors import UserError
from wardwatch.model.time import Clock
from wardwatch.ports import RecordStore, ShippingBooks, StateStore
from wardwatch.records import ElasticSettings, RecordSettings, open_records
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder, ReceptionSettings, SensorSettings, Tls
from wardwatch.state import StateSettings, open_state

__all__ = ["Installation", "read_installation", "read_reception", "read_sensor"]


@dataclass(frozen=True, slots=True)
class Installation:
    """Where an installation's records and state are, and what its web server proves itself with."""

    data: DataFolder
    state_url: str
    state: StateSettings = field(default_factory=StateSettings)
    records: RecordSettings | ElasticSettings = field(default_factory=RecordSettings)
    tls: Tls | None = None

    @property
    def state_engine(self) -> str:
        return self.state_url.partition(":")[0].partition("+")[0]

    @property
    def records_engine(self) -> str:
        return "elasticsearch" if isinstance(self.records, ElasticSettings) else "embedded"

    def open_state(self, clock: Clock) -> StateStore:
        """Raises as `wardwatch.state.open_state`."""
        return open_state(self.state_url, clock, self.state)

    def open_records(self, clock: Clock, books: ShippingBooks) -> RecordStore:
        """Raises as `wardwatch.records.open_records`; `books` are the state store's."""
        return open_records(self.data.records, clock, self.records, books)


def read_installation(data: DataFolder, environment: Mapping[str, str] | None = None) -> Installation:
    """What the folder's settings say. Raises `DocumentError` that names file and line of each problem, a secret that
    is not there included, and `UserError` while a restore is unfinished."""
    if data.restoring.exists():
        raise UserError(
            f"a restore into {data.root} was interrupted", "run wardwatch restore with the same backup again"
        )
    path = data.settings
    if not path.exists():
        return Installation(data, data.state_url)
    # Reading YAML strictly takes a fifth of a second of imports, which most installations need not wait for.
    from wardwatch.installation.reading import read_settings

    secrets = Secrets(data.secrets) if environment is None else Secrets(data.secrets, environment)
    return read_settings(path, data, secrets)


def read_sensor(data: DataFolder) -> SensorSettings:
    """The sensor beside this machine, as the folder's settings say; else Debian's places. Raises `DocumentError`."""
    if not data.settings.exists():
        return SensorSettings(data.sensor_rules)
    from wardwatch.installation.reading import read_sensor_settings

    return read_sensor_settings(data.settings, data)


def read_reception(data: DataFolder) -> ReceptionSettings:
    """Where traps, syslog and flows are received, as the folder's settings say. Raises `DocumentError`."""
    if not data.settings.exists():
        return ReceptionSettings()
    from wardwatch.installation.reading import read_reception_settings

    return read_reception_settings(data.settings, data)
