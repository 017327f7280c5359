"""What the processes of an edge in a district share: their line to the core, and that the token is for their zone."""

import logging
from collections.abc import Callable

from wardwatch.app import AppSettings
from wardwatch.app.collect import RemoteSettings
from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.secrets import Secrets
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.https import HttpsLine

log = logging.getLogger(__name__)

Connect = Callable[[], CoreConnection]


def remote_line(settings: AppSettings, remote: RemoteSettings) -> Connect:
    """Makes connections to the core over HTTPS. Raises `UserError` where the token is missing."""
    secrets = Secrets(settings.data.secrets)
    secrets.resolve(remote.token)
    return lambda: CoreConnection(HttpsLine(remote.server, lambda: secrets.resolve(remote.token), remote.ca))


async def examine_zone(line: CoreConnection, edge: str, zone: str) -> None:
    """The token decides the zone; an edge that was meant for another one must not work in this one. Raises
    `UserError`."""
    try:
        welcome = await line.hello(edge, "")
    except (TransportFault, StoreFault) as error:
        log.warning("the core does not answer yet reason=%s", error)
        return
    finally:
        await line.close()
    if welcome.zone != zone:
        raise UserError(
            f"--zone {zone}: the token is for the zone {welcome.zone}",
            f"give --zone {welcome.zone}, or the token of the edge of {zone}",
        )
