"""How edges learn what to poll and how to enrich: from the core, and again whenever it has changed."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from wardwatch.errors import StoreFault, TransportFault, WardWatchError
from wardwatch.inventory.zones import without_zones
from wardwatch.model.inventory import Inventory
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.messages import InventoryIs, frame_of, reply_of
from wardwatch.shipping.shippers import Backoff

log = logging.getLogger(__name__)

EVERY_S = 10.0

View = Callable[[InventoryIs], Inventory]
"""What of the core's answer a part works with."""


def whole(found: InventoryIs) -> Inventory:
    """All of it: what is enriched with."""
    return found.inventory


def unclaimed(found: InventoryIs) -> Inventory:
    """What no remote edge polls."""
    return without_zones(found.inventory, found.claimed)


class KeptInventory:
    """The last answer, on a remote edge's own disk: it polls on after a restart while its line is cut."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> InventoryIs | None:
        try:
            found = reply_of(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, TransportFault) as error:
            log.warning("the kept inventory cannot be used path=%s reason=%s", self._path, error)
            return None
        return found if isinstance(found, InventoryIs) else None

    def save(self, found: InventoryIs) -> None:
        """Raises `StoreFault`. It names devices and references to secrets, so only its owner may read it."""
        aside = self._path.with_suffix(".aside")
        try:
            aside.unlink(missing_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(frame_of(found))
                file.flush()
                os.fsync(file.fileno())
            aside.rename(self._path)
        except OSError as error:
            raise StoreFault(f"{self._path} cannot be written: {error.strerror}") from None


async def first_inventory(
    line: CoreConnection, view: View = whole, kept: KeptInventory | None = None
) -> tuple[int, Inventory]:
    """The inventory, as soon as the core answers; where an answer was kept, that one when it does not."""
    backoff, failures = Backoff(), 0
    while True:
        try:
            found = await line.inventory()
        except WardWatchError as error:
            failures += 1
            if kept is not None and (known := await asyncio.to_thread(kept.load)) is not None:
                log.warning(
                    "the core does not answer, its last inventory holds version=%d reason=%s", known.version, error
                )
                return known.version, view(known)
            log.info("waiting for the core reason=%s", error)
            await asyncio.sleep(backoff.after(failures))
            continue
        await _keep(kept, found)
        return found.version, view(found)


async def follow_inventory(
    line: CoreConnection,
    version: int,
    reload: Callable[[Inventory], None],
    view: View = whole,
    kept: KeptInventory | None = None,
) -> None:
    """Reads the inventory again whenever its version has changed."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            if await line.current_inventory_version() == version:
                continue
            found = await line.inventory()
        except WardWatchError as error:
            log.info("the core does not answer reason=%s", error)
            continue
        version = found.version
        await _keep(kept, found)
        reload(view(found))


async def _keep(kept: KeptInventory | None, found: InventoryIs) -> None:
    if kept is None:
        return
    try:
        await asyncio.to_thread(kept.save, found)
    except StoreFault as error:
        log.error("the inventory is not kept reason=%s", error)
