"""Fuzzes one decoder with atheris: `python decoders.py NAME CORPUS -runs=N -seed=S`. A failure ends with a traceback.

What is asked of each: whatever bytes come, the outcome is one that it promises, and nothing of the input is lost.
"""

import base64
import contextlib
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["collectors.traps", "collectors.syslog", "collectors.flows.packets"]):
    from collectors.flows.packets import Malformed, outside
    from collectors.syslog.framing import Framing, FramingError
    from collectors.syslog.mapper import SyslogMapper
    from collectors.syslog.vendor_documents import load_rules
    from collectors.traps.catalogue_documents import load_catalogue
    from collectors.traps.mapper import TrapMapper
    from collectors.traps.v3 import V3Receiver

import orjson

from collectors.reception.gathering import Mapped, Received
from collectors.reception.senders import Sender
from collectors.reception.simulator.lines import lines
from collectors.reception.simulator.traps import traps, ups_trap
from wardwatch.model.records import Position

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENDER = Sender("10.0.0.1", "R1", ("ward",), None, {"unit": "ward", "device": "r1"})
LARGEST, LINE_ENDS = 4096, b"\r\n\0"
TRAPS = TrapMapper(load_catalogue(), V3Receiver((), bytes.fromhex("80001f880501020304aa"), 1))
SYSLOG = SyslogMapper(load_rules(), timezone(timedelta(hours=7)))
V3_HEAD = bytes.fromhex(
    "303e020103301102042c0d1d6c020300ffe3040104020103"
    "0410300e04000201000201000400040004003014040004000a0a020100020100020100300030"
)


def fuzz_traps(data: bytes) -> None:
    _accounted(TRAPS.map([(Position("traps", 0), Received(data, SENDER, NOW))]))


def fuzz_syslog(data: bytes) -> None:
    mapped = SYSLOG.map([(Position("syslog", 0), Received(data, SENDER, NOW))])
    _accounted(mapped)
    for event in mapped.events:
        document = orjson.loads(event.document)
        kept = (document.get("wardwatch") or {}).get("original_base64")
        if kept is not None and base64.b64decode(kept) != data.rstrip(LINE_ENDS):
            raise AssertionError("the bytes of a broken encoding are not what came")


def fuzz_framing(data: bytes) -> None:
    framing, found = Framing(LARGEST), 0
    try:
        for at in range(0, len(data), 7):
            found += sum(len(message) for message in framing.feed(data[at : at + 7]))
    except FramingError:
        pass
    if found > len(data):
        raise AssertionError("more came out than went in")


def fuzz_flows(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        outside(data)


def _accounted(mapped: Mapped) -> None:
    if len(mapped.events) + len(mapped.rejected) + mapped.passed != 1:
        raise AssertionError("one message is not one outcome")
    for each in mapped.rejected:
        if "please report it" in each.reason:
            raise AssertionError(each.reason)


def _corpus(name: str) -> list[bytes]:
    if name == "traps":
        return [*traps(1, 4), ups_trap(Random(1), True), V3_HEAD]
    if name == "flows":
        return [
            bytes.fromhex("0005000100000000") + bytes(64),
            bytes.fromhex("00090001") + bytes(40),
            bytes.fromhex("000a0020") + bytes(28),
        ]
    found = lines(1, NOW, 28)
    if name == "framing":
        return [b"".join(b"%d %s" % (len(each), each) for each in found[:3]), b"\n".join(found[:3])]
    broken = [line.decode().replace("admin", "qu\u1ea3n tr\u1ecb").encode("cp1258", "replace") for line in found[:4]]
    return [*found, *broken, b'<189>1 2026-11-23T07:59:15.003Z h p 1 M [a@1 b="c\\"]"] \xff\xfe']


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "traps": fuzz_traps,
    "syslog": fuzz_syslog,
    "framing": fuzz_framing,
    "flows": fuzz_flows,
}


def main() -> None:
    name, folder, *options = sys.argv[1:]
    for number, seed in enumerate(_corpus(name)):
        (Path(folder) / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], folder, f"-max_len={LARGEST}", "-verbosity=0", *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
