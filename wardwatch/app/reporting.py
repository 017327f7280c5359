"""How an edge says how its parts are, and learns how wrong its clock is."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.model.health import REPORT_EVERY_S, PartHealth
from wardwatch.model.time import Clock
from wardwatch.shipping import CoreConnection

log = logging.getLogger(__name__)

WRONG_CLOCK_S = 5.0
RETRY_S = 1.0


class Reporter:
    """Reports what `parts` says, every few seconds, and at once when `changed` is set. `clock_skew_s` is the core's
    clock minus this machine's, as of the last answer; half the way there and back is taken off."""

    def __init__(
        self,
        line: CoreConnection,
        parts: Callable[[], Sequence[PartHealth]],
        clock: Clock,
        changed: asyncio.Event | None = None,
    ) -> None:
        self._line = line
        self._parts = parts
        self._clock = clock
        self._changed = changed or asyncio.Event()
        self.clock_skew_s = 0.0

    async def run(self) -> None:
        """Goes on until cancelled; what cannot be reported now is not reported later."""
        while True:
            self._changed.clear()
            wait_s = REPORT_EVERY_S
            try:
                await self.once()
            except (TransportFault, StoreFault, UserError) as error:
                log.info("not reported reason=%s", error)
                wait_s = RETRY_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait_s)

    async def once(self) -> None:
        """One report. Raises what the line raises."""
        parts, sent = self._parts(), self._clock()
        now = await self._line.report(parts)
        answered = self._clock()
        was_wrong = abs(self.clock_skew_s) > WRONG_CLOCK_S
        self.clock_skew_s = (now - (sent + (answered - sent) / 2)).total_seconds()
        if abs(self.clock_skew_s) > WRONG_CLOCK_S and not was_wrong:
            log.warning("this machine's clock is wrong clock_skew_s=%.1f", self.clock_skew_s)
