"""What a listener of the receiver is, and what it works with."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch
from wardwatch.model.time import Clock
from wardwatch.settings import DataFolder, ReceptionSettings


class Listener(Protocol):
    """One way in. It listens between `__aenter__` and `__aexit__`; what it took is in the journal when that returns.
    An address that cannot be had is no error: it is shown by `health` and tried again."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(self, *failure: object) -> None: ...

    async def wait(self) -> None:
        """Runs until a part of it fails; its error is raised."""
        ...

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory."""
        ...

    def health(self) -> Sequence[PartHealth]:
        """Its parts, for the page Administration and the metrics."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a listener works with. `put` returns when a batch (without a number) is durable in the journal, and raises
    `StoreFault`; `has_room` says whether the journal takes more without dropping what it holds."""

    settings: ReceptionSettings
    data: DataFolder
    inventory: Inventory
    put: Callable[[Batch], Awaitable[None]]
    has_room: Callable[[], bool]
    resolve: Callable[[str], str]
    clock: Clock
    began: datetime
    edge: str
