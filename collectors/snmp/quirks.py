"""What was learned of agents' manners, kept in a file across restarts: who cannot answer GETBULK, and who only little.

Without it each start would meet such agents with questions they drown in, round after round of timeouts. It is a help
and nothing more: a file that is damaged or cannot be written costs a warning.
"""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collectors.snmp.walk import FEWEST_REPETITIONS, MOST_REPETITIONS, Manners

log = logging.getLogger(__name__)

USUAL = (True, MOST_REPETITIONS)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Quirk:
    """The manners of the agent at an address; another address is another agent."""

    address: str
    bulk: bool
    repetitions: int


class Quirks:
    """The quirks by device. `load` reads the file, `save` writes it when something changed; both never raise."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Quirk] = {}
        self._changed = False

    def load(self) -> None:
        """A file that is not there is an agent population without quirks."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = {device: _quirk(row) for device, row in document["devices"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("quirks cannot be read and are learned anew path=%s reason=%r", self._path, error)

    def manners(self, device: str, address: str) -> Manners:
        """How to speak to a device that was not met since the start."""
        known = self._known.get(device)
        if known is None or known.address != address:
            return Manners()
        return Manners(known.bulk, known.repetitions)

    def learn(self, device: str, address: str, manners: Manners) -> None:
        """Takes what a poll ended with."""
        if (manners.bulk, manners.repetitions) == USUAL:
            self._changed |= self._known.pop(device, None) is not None
            return
        quirk = Quirk(address, manners.bulk, manners.repetitions)
        self._changed |= self._known.get(device) != quirk
        self._known[device] = quirk

    def forget(self, device: str) -> None:
        """A device that left the inventory."""
        self._changed |= self._known.pop(device, None) is not None

    def save(self) -> None:
        """Writes the file anew, or leaves it as it was."""
        if not self._changed:
            return
        devices = {
            device: {"address": quirk.address, "bulk": quirk.bulk, "repetitions": quirk.repetitions}
            for device, quirk in sorted(self._known.items())
        }
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump({"format": _FORMAT, "devices": devices}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            self._changed = False
        except OSError as error:
            log.warning("quirks cannot be kept path=%s reason=%s", self._path, error)


def _quirk(row: dict[str, Any]) -> Quirk:
    """Raises `ValueError` for what no collector writes."""
    address, bulk, repetitions = row["address"], row["bulk"], row["repetitions"]
    if type(address) is not str or type(bulk) is not bool or type(repetitions) is not int:
        raise ValueError("a quirk has an address, the truth of bulk and a number of repetitions")
    if not FEWEST_REPETITIONS <= repetitions <= MOST_REPETITIONS:
        raise ValueError(f"{repetitions} repetitions are none that a collector asks for")
    return Quirk(address, bulk, repetitions)
