"""A set that the core's Suricata loads and a first sensor's does not: it halts there, and nobody else gets it."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from collectors.suricata.sensor import SensorRules
from detectors.rules.keeper import RuleKeeper
from detectors.rules.replaying import CONFIGURATION
from detectors.rules.rollout import Turn
from detectors.rules.versions import Deed
from wardwatch.app.rule_management import rule_keeper
from wardwatch.app.rules import RuleFollower
from wardwatch.model.access import Actor
from wardwatch.model.health import PartHealth
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder, SensorSettings
from wardwatch.shipping.messages import RulesAre
from wardwatch.shipping.rules import RuleShelf

pytestmark = pytest.mark.skipif(shutil.which("suricata") is None, reason="suricata is not installed")

AN = Actor("an")
PING = 'alert icmp any any -> any any (msg:"CITY ping"; itype:8; sid:1; rev:1;)\n'
MODBUS = 'alert modbus any any -> any any (msg:"CITY modbus"; modbus: function 15; sid:2;)\n'


class Line:
    """What an edge hears of the core about rules."""

    def __init__(self, shelf: RuleShelf, edge: str) -> None:
        self._shelf = shelf
        self._edge = edge

    async def rules(self, version: str) -> RulesAre:
        return RulesAre(*self._shelf.answer(self._edge, version))


def district(folder: Path, shelf: RuleShelf, name: str) -> RuleFollower:
    """A sensor whose Suricata knows no Modbus."""
    folder.mkdir()
    configuration = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    del configuration["app-layer"]["protocols"]["modbus"]
    (folder / "suricata.yaml").write_text(f"%YAML 1.1\n---\n{yaml.safe_dump(configuration)}", encoding="utf-8")
    settings = SensorSettings(folder / "suricata.rules", folder / "suricata.yaml", folder / "none.sock")
    return RuleFollower(Line(shelf, name), SensorRules(settings), utc_now)  # type: ignore[arg-type]


def reported(follower: RuleFollower, edge: str) -> Sequence[PartHealth]:
    return [replace(part, edge=edge) for part in follower.health(edge)]


def test_a_set_that_a_first_sensor_refuses_reaches_nobody_else(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    local = data.rules / "local" / "city.rules"
    local.parent.mkdir(parents=True)
    data.settings.write_text(f"sensor: {{configuration: {CONFIGURATION}}}\n", encoding="utf-8")
    (data.rules / "rules.yaml").write_text(
        "ours: false\nrollout: {first: [district-1], for_minutes: 5}\n", encoding="utf-8"
    )
    keeper, shelf = rule_keeper(data, lambda *_: None, utc_now), RuleShelf(data.rules)
    first, other = district(tmp_path / "1", shelf, "district-1"), district(tmp_path / "2", shelf, "district-2")

    def ask() -> None:
        asyncio.run(first.once())
        asyncio.run(other.once())

    def deploy(text: str) -> str:
        local.write_text(text, encoding="utf-8")
        version = keeper.update(AN).version
        keeper.deploy(AN, version, "try")
        for _ in range(2):  # the second time they name what they have
            ask()
        return version

    def judged(at: RuleKeeper) -> Turn | None:
        return at.advance(shelf.asked(), reported(first, "district-1"))

    good = deploy(PING)
    assert (tmp_path / "1" / "suricata.rules").read_text(encoding="utf-8").count("CITY ping") == 1
    assert not (tmp_path / "2" / "suricata.rules").exists()
    assert judged(keeper) is Turn.WAIT
    later = replace(keeper, clock=lambda: utc_now() + timedelta(minutes=6))
    assert judged(later) is Turn.PROMOTE
    ask()
    assert "CITY ping" in (tmp_path / "2" / "suricata.rules").read_text(encoding="utf-8")

    deploy(PING + MODBUS)
    assert judged(keeper) is Turn.HALT
    halted = keeper.versions.history()[0]
    assert halted.deed is Deed.HALTED
    assert 'protocol "modbus" cannot be used' in halted.why
    ask()
    for folder in ("1", "2"):
        assert "CITY modbus" not in (tmp_path / folder / "suricata.rules").read_text(encoding="utf-8")
    assert (shelf.current("district-1")[0], shelf.current("district-2")[0]) == (good, good)
    assert reported(first, "district-1")[0].state == "running", "it has the old set again"
