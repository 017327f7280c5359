"""Turns a plan into a capture file: the same plan gives the same bytes."""

import hashlib
import random
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drills.generators.canary import canary
from drills.generators.catalogue import ACTIONS
from drills.generators.plan import Action, Frame, Plan, PlanError, ScopeGate

# draft-ietf-opsawg-pcap: microsecond magic, version 2.4, snap length, LINKTYPE_ETHERNET.
_FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
_RECORD = struct.Struct("<IIII")
_ETHERNET_BYTES = 14
MOST_BYTES = 256 * 1024 * 1024
MOST_PACKETS = 1_000_000
"""A capture is put in order in memory, where each packet takes some 300 bytes beside its own."""


@dataclass(frozen=True, slots=True)
class Sent:
    """When an inject's first and last packets are on the wire (microseconds since the start), and how many they are."""

    first_us: int
    last_us: int
    packets: int


@dataclass(frozen=True, slots=True)
class Capture:
    """What was written: the file's SHA-256 (hex), its packets, and the times of each inject."""

    sha256: str
    packets: int
    injects: dict[str, Sent]


def write_capture(plan: Plan, path: Path) -> Capture:
    """Writes the plan's packets in order of time. Raises PlanError before anything is written that is out of bounds."""
    gate = ScopeGate(plan)
    tagged: list[tuple[int, int, str, bytes]] = []
    size = 0
    for index, action in enumerate(plan.actions):
        gate.check_action(action)
        for frame in _frames(plan, index, action):
            size += _RECORD.size + len(frame.data)
            if size > MOST_BYTES or len(tagged) >= MOST_PACKETS:
                raise PlanError(
                    f"inject '{action.inject}': the capture would have more than {MOST_BYTES // 1024**2} MiB "
                    f"or {MOST_PACKETS} packets: ask for less, or make two scenarios of it"
                )
            tagged.append((frame.at_us, len(tagged), action.inject, frame.data))
    tagged.sort()
    sent = _sent(tagged)
    if plan.canary and plan.actions:
        last = canary(plan, tagged[-1][0] if tagged else 0)
        tagged.append((last.at_us, len(tagged), "", last.data))
    for at_us, _, _, data in tagged:
        gate.check_frame(Frame(at_us, data), *_ends(data))
    content = bytearray(_FILE_HEADER)
    for at_us, _, _, data in tagged:
        seconds, micros = divmod(plan.epoch_us + at_us, 1_000_000)
        content += _RECORD.pack(seconds, micros, len(data), len(data)) + data
    path.write_bytes(content)
    return Capture(hashlib.sha256(content).hexdigest(), len(tagged), sent)


def _frames(plan: Plan, index: int, action: Action) -> Iterator[Frame]:
    generator = ACTIONS.get(action.action)
    if generator is None:
        raise PlanError(f"inject '{action.inject}': unknown action '{action.action}'; known: {', '.join(ACTIONS)}")
    # Each action draws from a stream of its own, so that editing one leaves the bytes of the others alone.
    return generator(action, random.Random(f"{plan.seed}/{index}/{action.inject}"))


def _ends(data: bytes) -> tuple[str, str]:
    """Source and destination of an IPv4 frame (RFC 791); of an ARP frame who claims, and who is told (RFC 826)."""
    header = data[_ETHERNET_BYTES:]
    if data[12:14] == b"\x08\x06":
        return socket.inet_ntoa(header[14:18]), socket.inet_ntoa(header[24:28])
    if data[12:14] != b"\x08\x00":
        raise PlanError("a frame that is neither IPv4 nor ARP was refused")
    return socket.inet_ntoa(header[12:16]), socket.inet_ntoa(header[16:20])


def _sent(tagged: list[tuple[int, int, str, bytes]]) -> dict[str, Sent]:
    sent: dict[str, Sent] = {}
    for at_us, _, inject, _ in tagged:
        known = sent.get(inject)
        sent[inject] = Sent(known.first_us if known else at_us, at_us, known.packets + 1 if known else 1)
    return sent
