"""The trap listener of the receiver."""

from collectors.reception.listener import Listener
from collectors.traps.listener import TrapSettings, trap_listener
from wardwatch.app.surroundings import Surroundings


def traps(around: Surroundings) -> Listener:
    """Raises `StoreFault` where the id of our SNMP engine cannot be kept."""
    settings = TrapSettings(around.settings.traps, around.data.snmp_engine, around.data.mibs)
    return trap_listener(
        settings,
        around.inventory,
        around.put,
        around.has_room,
        around.resolve,
        around.clock,
        around.began,
        around.edge,
    )
