"""How a sensor gets its rules: the core's, whenever they have changed; beside the core and in a district alike."""

import asyncio
import logging

from collectors.suricata.sensor import RulesOutcome, RulesState, SensorRules
from wardwatch.errors import WardWatchError
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock
from wardwatch.shipping import CoreConnection

log = logging.getLogger(__name__)

PART = "rules"
EVERY_S = 60.0


class RuleFollower:
    """Keeps a sensor's rules equal to the core's. A core without rules changes nothing: the sensor keeps its own. A
    set that was refused is tried again when the core has another one, or after a restart."""

    def __init__(self, line: CoreConnection, rules: SensorRules, clock: Clock) -> None:
        self._line = line
        self._rules = rules
        self._clock = clock
        self._tried = ""
        self._outcome: RulesOutcome | None = None
        self._trouble = ""
        self._since = clock()

    async def run(self) -> None:
        """Looks once a minute, until cancelled."""
        while True:
            try:
                await self.once()
            except WardWatchError as error:
                log.info("rules are not followed reason=%s", error)
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """Asks the core, and applies what is new. Raises what the line raises; what the disk refuses is tried again."""
        known = self._tried or await asyncio.to_thread(self._rules.version)
        found = await self._line.rules(known)
        before = self._state()
        try:
            if found.version and found.version != known:
                content = b"\n".join(found.files[name] for name in sorted(found.files))
                self._outcome = await self._rules.apply(content, found.version)
                self._tried = found.version
            elif self._outcome is None or self._outcome.state is not RulesState.REFUSED:
                self._outcome = await self._rules.in_force()
            self._trouble = ""
        except WardWatchError as error:
            self._trouble = str(error)
            log.error("rules cannot be applied version=%.12s reason=%s", found.version, error)
        if self._state() is not before:
            self._since = self._clock()

    def health(self, edge: str) -> list[PartHealth]:
        """Nothing as long as there are no rules of ours in place."""
        if self._outcome is None and not self._trouble:
            return []
        loaded = None if self._outcome is None else self._outcome.loaded
        figures = {} if loaded is None else {"rules_loaded": float(loaded)}
        return [
            PartHealth(edge, PART, self._clock(), self._state(), self._since, detail=self._words(), figures=figures)
        ]

    def _state(self) -> PartState:
        refused = self._outcome is not None and self._outcome.state is RulesState.REFUSED
        return PartState.FAILED if refused or self._trouble else PartState.RUNNING

    def _words(self) -> Words:
        if self._trouble:
            return Words(
                f"Chưa áp dụng được bộ luật: {self._trouble}", f"The rules could not be applied: {self._trouble}"
            )
        if self._outcome is None:
            return NO_WORDS
        if self._outcome.state is RulesState.REFUSED:
            return Words(
                f"Suricata từ chối bộ luật mới, bộ cũ vẫn hiệu lực: {self._outcome.reason}",
                f"Suricata refused the new rules, the old ones stay in force: {self._outcome.reason}",
            )
        if self._outcome.state is RulesState.WAITING:
            return Words("Bộ luật mới chờ Suricata khởi động.", "The new rules wait for Suricata to start.")
        return NO_WORDS
