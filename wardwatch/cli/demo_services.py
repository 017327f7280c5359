"""`wardwatch demo-services`: the demo city's services that really answer."""

import asyncio
import logging

from wardwatch.cli.processes import DEFAULT_DATA, DataOption, run_process
from wardwatch.demo.servers import DemoServers, port_of
from wardwatch.errors import TransportFault, UserError
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.shipping import CoreConnection
from wardwatch.supervision import until_released

log = logging.getLogger(__name__)


def command(data: DataOption = DEFAULT_DATA) -> None:
    """Serves the demo city's checked services on loopback."""
    run_process(_run(DataFolder(data)))


async def _run(data: DataFolder) -> None:
    port = port_of(await _inventory(CoreConnection(data.socket)))
    if port is None:
        log.info("the inventory has none of the demo's checks")
        await until_released()
        return
    try:
        async with DemoServers(data.demo_services, port, utc_now):
            await until_released()
    except OSError as error:
        raise UserError(f"the demo's services cannot listen at port {port}: {error.strerror}") from None


async def _inventory(line: CoreConnection) -> Inventory:
    while True:
        try:
            return (await line.inventory()).inventory
        except TransportFault:
            await asyncio.sleep(0.5)
