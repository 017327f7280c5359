"""The demo city's IDS: generated packets, the real Suricata, an `eve.json` that grows as on a live sensor."""

import asyncio
import contextlib
import logging
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from drills.packets import PlannedAction, generate
from drills.sensor import SensorSettings, SuricataSensor
from wardwatch.demo.traffic import BOUNDS, DemoTraffic, Period
from wardwatch.errors import WardWatchError
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

ROTATE_BYTES = 64 * 1024 * 1024
KEPT_FILES = 3


@dataclass(frozen=True, slots=True)
class DemoSensorSettings:
    """Where `eve.json` grows, and what is drawn."""

    folder: Path
    seed: int = 1
    period: Period = field(default_factory=Period)
    sensor: SensorSettings = field(default_factory=SensorSettings)


class DemoSensor:
    """Every period: packets of that stretch of time are made, read by Suricata, and its lines are appended."""

    def __init__(self, settings: DemoSensorSettings, inventory: Inventory, clock: Clock) -> None:
        self._settings = settings
        self._inventory = inventory
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.failures = 0
        self._in_a_row = 0

    async def __aenter__(self) -> Self:
        self._settings.folder.mkdir(parents=True, exist_ok=True)
        self._task = asyncio.create_task(self._run(), name="demo-sensor")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def wait(self) -> None:
        """Runs until the sensor itself fails; its error is raised."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _run(self) -> None:
        """One engine for as long as it lives; a new one after a failure."""
        while True:
            try:
                async with SuricataSensor(self._settings.sensor) as sensor:
                    log.info("demo sensor ready load_s=%.2f", sensor.load_s)
                    await self._watch(sensor)
            except WardWatchError as error:
                self.failures += 1
                self._in_a_row += 1
                log.error("demo sensor failed failures=%d reason=%s", self.failures, error)
                await asyncio.sleep(min(60, 5 * self._in_a_row))

    async def _watch(self, sensor: SuricataSensor) -> None:
        length = timedelta(seconds=self._settings.period.length_s)
        traffic = DemoTraffic(self._inventory, self._settings.seed, self._settings.period)
        # The first stretch lies in the past and holds an attack, so that a newcomer sees both at once.
        start, attacked = self._clock() - length, True
        while True:
            number = int(start.timestamp() // self._settings.period.length_s)
            await self._stretch(sensor, traffic.actions(number, attacked), start)
            self._in_a_row = 0
            # A machine that slept does not make up for the night: only the last stretch of it is played.
            start, attacked = max(start + length, self._clock() - length), False
            await asyncio.sleep(max(0.0, (start + length - self._clock()).total_seconds()))

    async def _stretch(self, sensor: SuricataSensor, actions: list[PlannedAction], start: datetime) -> None:
        work = self._settings.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        capture = await asyncio.to_thread(generate, actions, BOUNDS, self._settings.seed, start, work / "capture.pcap")
        eve = await sensor.replay(capture.path, work)
        append_lines(eve, self._settings.folder / "eve.json")


def append_lines(source: Path, target: Path) -> None:
    """Appends whole lines, and rotates the target by renaming once it is large, as a sensor's logrotate does."""
    if target.exists() and target.stat().st_size > ROTATE_BYTES:
        for number in range(KEPT_FILES - 1, 0, -1):
            older = target.with_name(f"eve.json.{number}")
            if older.exists():
                older.rename(target.with_name(f"eve.json.{number + 1}"))
        target.rename(target.with_name("eve.json.1"))
    with source.open("rb") as lines, target.open("ab") as end:
        shutil.copyfileobj(lines, end)
