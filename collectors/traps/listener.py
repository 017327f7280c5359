"""Traps and informs as they come in."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from collectors.reception.gathering import Gatherer, GatherLimits, Put
from collectors.reception.listener import Allowed, Listener
from collectors.reception.udp_way import UdpWay
from collectors.traps.catalogue_documents import load_catalogue
from collectors.traps.engine_file import started
from collectors.traps.mapper import TrapMapper
from collectors.traps.v3 import V3Receiver
from collectors.traps.v3_users import V3Keyring
from collectors.udp import UdpSettings
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock
from wardwatch.settings import Listen

PART = "traps"


@dataclass(frozen=True, slots=True)
class TrapSettings:
    """Where traps are received; the file that keeps our engine's id; the user's compiled MIBs, if there are any."""

    addresses: tuple[Listen, ...]
    engine: Path
    mibs: Path
    limits: GatherLimits = field(default_factory=GatherLimits)


def trap_listener(
    settings: TrapSettings,
    inventory: Inventory,
    put: Put,
    has_room: Callable[[], bool],
    resolve: Callable[[str], str],
    clock: Clock,
    began: datetime,
    edge: str,
) -> Listener:
    """Raises `DocumentError` where a catalogue is wrong, `StoreFault` where our engine's id cannot be kept."""
    keyring = V3Keyring(resolve)
    v3 = V3Receiver(keyring.users(inventory.credentials), *started(settings.engine))
    mapper = TrapMapper(load_catalogue(compiled=settings.mibs), v3)
    gatherer = Gatherer(PART, settings.limits, mapper, put, has_room, str(uuid.uuid4()), PART)
    allowed = Allowed(inventory)
    ways = [
        UdpWay(UdpSettings(each.host, each.port), gatherer, allowed, clock, answers=True) for each in settings.addresses
    ]

    def figures() -> dict[str, float]:
        return {
            "v3_engines": float(v3.learnt),
            "v3_refused": float(v3.refused),
            "credentials_unusable": float(len(keyring.failed)),
        }

    def reloaded(new: Inventory) -> None:
        mapper.before_next(lambda: v3.use(keyring.users(new.credentials)))

    return Listener(PART, edge, began, clock, gatherer, ways, allowed, figures, reloaded)
