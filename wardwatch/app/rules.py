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
        if not found.version or found.version == known:
            return
        content = b"\n".join(found.files[name] for name in sorted(found.files))
        before = self._state()
        try:
            self._outcome, self._trouble = await self._rules.apply(content, found.version), ""
            self._tried = found.version
        except WardWatchError as error:
            self._trouble = str(error)
            log.error("rules cannot be applied version=%.12s reason=%s", found.version, error)
        if self._state() is not before:
            self._since = self._clock()

    def health(self, edge: str) -> list[PartHealth]:
        """Nothing as long as the core has handed on no rules in this run."""
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
                f"Không ghi được bộ luật mới: {self._trouble}", f"The new rules cannot be written: {self._trouble}"
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
