"""The collector's searches: takes what the core was asked for, does it, reports."""

import asyncio
import logging
from collections.abc import Callable

from collectors.discovery.finder import Finder, FinderSettings
from collectors.snmp.credentials import SecretResolver
from collectors.snmp.profiles.catalogue import load_catalogue
from wardwatch.errors import WardWatchError
from wardwatch.model.time import utc_now
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.finding import FindingLine

log = logging.getLogger(__name__)

EVERY_S = 2.0
PAUSE_S = 15.0
"""After a search that could not be reported, or when the core does not answer."""


def finder(resolve: SecretResolver, settings: FinderSettings | None = None) -> Finder:
    """What does searches."""
    return Finder(settings or FinderSettings(), load_catalogue(), resolve, utc_now)


async def finding(connect: Callable[[], CoreConnection], resolve: SecretResolver) -> None:
    """Does the searches that the core is asked for, one at a time, until cancelled. One that could not be reported is
    taken again after a few minutes."""
    line = connect()
    core = FindingLine(line)
    while True:
        try:
            search = await core.take()
            if search is None:
                await asyncio.sleep(EVERY_S)
                continue
            log.info("search begins way=%s target=%s asked_by=%s", search.way, search.target, search.asked_by)
            inventory = (await line.inventory()).inventory
            await finder(resolve).run(search, inventory, core.note)
        except WardWatchError as error:
            log.info("no search done reason=%s", error)
            await asyncio.sleep(PAUSE_S)
        except Exception:
            # A defect of ours in a search must not end the polling beside it.
            log.exception("search stumbled")
            await asyncio.sleep(PAUSE_S)
