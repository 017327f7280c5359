"""How ports are called: neighbours and people write other words for a port than the device itself."""

import re
from collections import defaultdict
from collections.abc import Mapping

from wardwatch.discovery.known import plain_mac
from wardwatch.topology.digests import Digest, PortRow

_PARTS = re.compile(r"^([a-z_ -]*)(.*)$")


class PortNames:
    """Finds the name (ifName) that a device gives a port, by any word for it: ifName, ifDescr, ifAlias, MAC address, or
    a short form such as `Gi0/1`."""

    def __init__(self, digests: Mapping[str, Digest]) -> None:
        self._words: dict[tuple[str, str], str] = {}
        self._tails: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._rows: dict[tuple[str, str], PortRow] = {}
        self.owners: dict[str, tuple[str, str | None]] = {}
        for device, digest in digests.items():
            for port in digest.ports:
                name = port.name or port.descr
                for word in (port.name, port.descr, port.mac, port.alias):
                    if word:
                        self._words.setdefault((device, word.lower()), name)
                letters, tail = _split(name)
                self._tails[device, tail].append((letters, name))
                self._rows.setdefault((device, name), port)
                self._own(device, port.mac, name)

    def find(self, device: str, word: str | None) -> str | None:
        """The port's name; the word itself where the device has told of no such port, None for no word."""
        if not word:
            return None
        known = self._words.get((device, word.lower())) or self._words.get((device, plain_mac(word) or word.lower()))
        if known is not None:
            return known
        letters, tail = _split(word)
        short = [name for other, name in self._tails.get((device, tail), ()) if tail and _same_kind(letters, other)]
        return short[0] if len(short) == 1 else word

    def alias(self, device: str, port: str | None) -> str:
        """What people wrote on a port."""
        row = self._rows.get((device, port or ""))
        return row.alias if row is not None else ""

    def index(self, device: str, port: str | None) -> str | None:
        """The port's ifIndex."""
        row = self._rows.get((device, port or ""))
        return row.index or None if row is not None else None

    def _own(self, device: str, mac: str, name: str) -> None:
        """A MAC address that several ports of a device share names the device, not the port; one that two devices
        have names nobody."""
        if not mac:
            return
        before = self.owners.get(mac)
        if before is None:
            self.owners[mac] = (device, name)
        elif before[0] == device:
            self.owners[mac] = (device, None)
        else:
            self.owners[mac] = ("", None)


def _split(word: str) -> tuple[str, str]:
    match = _PARTS.match(word.lower())
    letters, tail = (match[1], match[2]) if match else ("", word)
    return letters.replace("-", "").replace(" ", ""), tail.replace(" ", "")


def _same_kind(one: str, two: str) -> bool:
    """`gi` and `gigabitethernet`, `xge` and `xgigabitethernet` are one kind; both must say something."""
    short, long = sorted((one, two), key=len)
    return bool(short) and (long.startswith(short) or (short.endswith("ge") and long == f"{short[:-2]}gigabitethernet"))
