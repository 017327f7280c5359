"""Devices that tell what befalls them: one story after the other, gently, each from its device's own address."""

import heapq
import itertools
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from collectors.reception.simulator.stories import STORIES, befalls
from wardwatch.model.inventory import Device, Inventory
from wardwatch.model.time import Clock

_LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class TellingSettings:
    """Whither traps and syslog go (None: nowhere), how many stories a minute, and which."""

    traps: tuple[str, int] | None
    syslog: tuple[str, int] | None
    per_minute: float = 2.0
    stories: tuple[str, ...] = tuple(STORIES)
    seed: int = 1


class Telling:
    """Sends between `__enter__` and `__exit__`, from a thread. `counts` are datagrams by way, and what failed."""

    def __init__(self, settings: TellingSettings, inventory: Inventory, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = random.Random(f"{settings.seed}/telling")
        self._heroes = {name: heroes for name in settings.stories if (heroes := _heroes(inventory, name))}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telling", daemon=True)
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        if self._heroes:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._heroes:
            self._thread.join()

    def _run(self) -> None:
        due: list[tuple[float, int, Device, str, bytes]] = []
        order, every_s = itertools.count(), 60.0 / self._settings.per_minute
        next_s = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= next_s:
                next_s += every_s
                name = self._chance.choice(sorted(self._heroes))
                hero = self._chance.choice(self._heroes[name])
                for told in STORIES[name](self._chance, hero, self._clock()):
                    heapq.heappush(due, (now + told.after_s, next(order), hero, told.way, told.data))
            while due and due[0][0] <= now:
                _, _, device, way, data = heapq.heappop(due)
                self._tell(device, way, data)
            until_s = min(next_s, due[0][0] if due else next_s) - time.monotonic()
            self._stop.wait(min(max(until_s, 0.0), _LONGEST_WAIT_S))

    def _tell(self, device: Device, way: str, data: bytes) -> None:
        to = self._settings.traps if way == "traps" else self._settings.syslog
        if to is None:
            return
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((device.address, 0))
                sender.sendto(data, to)
            self.counts[way] += 1
        except OSError:
            self.counts[f"{way}_failed"] += 1


def _heroes(inventory: Inventory, story: str) -> Sequence[Device]:
    return [device for _, device in sorted(inventory.devices.items()) if befalls(story, device)]
