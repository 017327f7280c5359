"""The demo city has rehearsed once: the shipped drill, run offline when the city is first started."""

import logging

from drills.offline import run_offline
from drills.pipeline import batches
from drills.report import markdown
from drills.scenario import SHIPPED, load_scenario
from drills.sensor import SensorSettings
from wardwatch.inventory.directory import Directory
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock
from wardwatch.settings import DataFolder
from wardwatch.shipping import DirectShipper

log = logging.getLogger(__name__)

SCENARIO = "web-attack-one-stop-portal"


async def rehearse_once(
    data: DataFolder, inventory: Inventory, shipper: DirectShipper, seed: int, clock: Clock
) -> None:
    """Runs the drill unless a run is there already; its records go to the drill's own namespace."""
    if any(data.drills.glob("*/score.json")):
        return
    started_at = clock()
    folder = data.drills / f"{SCENARIO}-{seed}-{started_at:%Y%m%dT%H%M%SZ}"
    scenario = load_scenario(SHIPPED / f"{SCENARIO}.yaml")
    result = await run_offline(scenario, seed, folder, started_at, SensorSettings())
    (folder / "report.md").write_text(markdown(result), encoding="utf-8")
    for batch in batches(result, Directory(inventory).locate, clock()):
        await shipper.ship(batch)
    log.info("the city has rehearsed run=%s score=%s", result.id, result.score)
