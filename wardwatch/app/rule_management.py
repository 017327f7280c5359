"""The rules of an installation, wired: its Suricata judges, the drills' sensor replays, the chain keeps who did it."""

import logging
from datetime import timedelta
from pathlib import Path

from detectors.rules.building import Builder
from detectors.rules.checking import CheckSettings, Linter, suricata_version
from detectors.rules.downloading import download
from detectors.rules.fetching import Sources
from detectors.rules.keeper import Audit, RuleKeeper
from detectors.rules.merging import MergeSettings
from detectors.rules.places import RulePlaces
from detectors.rules.replaying import CONFIGURATION
from detectors.rules.rollout import EVERY_S, health
from drills.sensor import SensorSettings, SuricataSensor
from wardwatch.errors import WardWatchError
from wardwatch.health import Board
from wardwatch.installation import read_sensor
from wardwatch.model.time import Clock
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder
from wardwatch.shipping.rules import RuleShelf

log = logging.getLogger(__name__)

ROLLOUT_EVERY = timedelta(seconds=EVERY_S)
_CLASSIFICATION = Path("/etc/suricata/classification.config")


def rule_keeper(data: DataFolder, audit: Audit, clock: Clock) -> RuleKeeper:
    """Judged by the configuration of the sensor beside the core where there is one, else by our own."""
    sensor, places = read_sensor(data), RulePlaces(data.rules)
    configuration = sensor.configuration if sensor.configuration.exists() else CONFIGURATION
    check = CheckSettings(configuration, sensor.program)
    sources = Sources(
        places.sources,
        places.archives,
        download,
        Secrets(data.secrets).resolve,
        clock,
        suricata_version(sensor.program),
    )
    builder = Builder(places, sources, Linter(check), MergeSettings(configuration, sensor.program), clock)
    return RuleKeeper(places, builder, check, _replaying, audit, clock)


def advance(keeper: RuleKeeper, shelf: RuleShelf, board: Board) -> None:
    """Goes on with a rollout under way; who works on the rules meanwhile is waited for until the next time."""
    try:
        keeper.advance(shelf.asked(), board.parts())
        rollout, history = keeper.rollout(), keeper.versions.history()
        waiting = () if rollout is None else [e for e in rollout.first if shelf.asked().get(e) != rollout.version]
        board.take(health(rollout, history[0] if history else None, waiting, keeper.clock()))
    except WardWatchError as error:
        log.warning("rollout of rules waits reason=%s", error)


def _replaying(configuration: Path, rules: Path) -> SuricataSensor:
    classes = _CLASSIFICATION if _CLASSIFICATION.exists() else SensorSettings().classification
    return SuricataSensor(SensorSettings(configuration=configuration, classification=classes, rules=rules))
