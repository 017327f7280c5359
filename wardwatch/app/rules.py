"""How the sensor of an edge gets its rules: the core's, whenever they have changed."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from wardwatch.errors import StoreFault, WardWatchError
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.rules import RuleShelf

log = logging.getLogger(__name__)

EVERY_S = 60.0


async def follow_rules(line: CoreConnection, folder: Path, changed: Callable[[Path], Awaitable[None]]) -> None:
    """Keeps `folder` equal to the core's rules, and says so after each change. A core without rules changes nothing:
    the sensor then keeps its own."""
    shelf = RuleShelf(folder)
    while True:
        try:
            version, _ = await asyncio.to_thread(shelf.current)
            found = await line.rules(version)
            if found.version and found.version != version:
                await asyncio.to_thread(_write, folder, found.files)
                log.info("rules changed files=%d version=%.12s", len(found.files), found.version)
                await changed(folder)
        except WardWatchError as error:
            log.info("rules are not followed reason=%s", error)
        await asyncio.sleep(EVERY_S)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Each file whole or not at all; those that the core no longer has go. Raises `StoreFault`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            # A name is the core's word, and it must not lead out of the folder.
            path = folder / Path(name).name
            aside = path.with_suffix(".aside")
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
        for path in folder.glob("*.rules"):
            if path.name not in files:
                path.unlink()
    except OSError as error:
        raise StoreFault(
            f"the rules in {folder} cannot be written: {error.strerror}", "free space on its disk"
        ) from None
