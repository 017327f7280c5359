"""How edges learn what to poll and how to enrich: from the core, and again whenever it has changed."""

import asyncio
import logging
from collections.abc import Callable

from wardwatch.errors import TransportFault
from wardwatch.model.inventory import Inventory
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.shippers import Backoff

log = logging.getLogger(__name__)

EVERY_S = 10.0


async def first_inventory(line: CoreConnection) -> tuple[int, Inventory]:
    """The inventory, as soon as the core answers."""
    backoff, failures = Backoff(), 0
    while True:
        try:
            found = await line.inventory()
            return found.version, found.inventory
        except TransportFault as error:
            failures += 1
            log.info("waiting for the core reason=%s", error)
            await asyncio.sleep(backoff.after(failures))


async def follow_inventory(line: CoreConnection, version: int, reload: Callable[[Inventory], None]) -> None:
    """Reads the inventory again whenever its version has grown."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            if await line.current_inventory_version() == version:
                continue
            found = await line.inventory()
        except TransportFault as error:
            log.info("the core does not answer reason=%s", error)
            continue
        version = found.version
        reload(found.inventory)
