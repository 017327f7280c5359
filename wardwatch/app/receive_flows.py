"""The listener for flows of the receiver."""

from collectors.flows.listener import FlowListener, FlowSettings
from wardwatch.app.surroundings import Surroundings


def flows(around: Surroundings) -> FlowListener:
    settings = FlowSettings(around.settings.flows)
    return FlowListener(
        settings, around.inventory, around.put, around.has_room, around.clock, around.began, around.edge
    )
