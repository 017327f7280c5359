"""`wardwatch demo-sensor`: the demo city's IDS."""

import asyncio
import logging
from typing import Annotated

import typer

from wardwatch.cli.processes import DEFAULT_DATA, DataOption, run_process
from wardwatch.demo.rehearsal import rehearse_once
from wardwatch.demo.sensor import DemoSensor, DemoSensorSettings
from wardwatch.errors import TransportFault, WardWatchError
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.shipping import CoreConnection, DirectShipper
from wardwatch.supervision import until_released_or_failed

log = logging.getLogger(__name__)


def command(
    data: DataOption = DEFAULT_DATA,
    seed: Annotated[int, typer.Option(help="The same seed draws the same traffic.", min=0)] = 1,
) -> None:
    """Generates the demo city's traffic and lets the real Suricata watch it."""
    run_process(_run(DataFolder(data), seed))


async def _run(data: DataFolder, seed: int) -> None:
    line = CoreConnection(data.socket)
    inventory = await _inventory(line)
    try:
        await rehearse_once(data, inventory, DirectShipper(line, "demo-drill"), seed, utc_now)
    except WardWatchError as error:
        log.error("the demo's drill failed reason=%s", error)
    async with DemoSensor(DemoSensorSettings(data.eve, seed), inventory, utc_now) as sensor:
        await until_released_or_failed(sensor.wait())


async def _inventory(line: CoreConnection) -> Inventory:
    while True:
        try:
            return (await line.inventory()).inventory
        except TransportFault:
            await asyncio.sleep(0.5)
