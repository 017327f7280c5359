"""Our SNMP engine's identity (RFC 3411 section 5, SnmpEngineID; RFC 3414 section 2.2): kept, for senders of informs
are told it once, and counted up at each start, for they refuse an engine whose time runs backwards."""

import os
import re
from pathlib import Path

from wardwatch.errors import StoreFault

_ENTERPRISE = (0x80000000 | 8072).to_bytes(4, "big")
"""Net-SNMP's number stands for all who have none of their own; the octets behind it are random."""
_OCTETS = 5
_LINE = re.compile(r"([0-9a-f]{10,64}) (\d{1,9})")
_MOST_BOOTS = 2**31 - 2


def started(path: Path) -> tuple[bytes, int]:
    """The engine's id, and how often it has started, this time included. Raises `StoreFault`."""
    try:
        known = _LINE.fullmatch(path.read_text("ascii").strip()) if path.exists() else None
        if known is not None:
            engine_id, boots = bytes.fromhex(known[1]), min(int(known[2]) + 1, _MOST_BOOTS)
        else:
            engine_id, boots = _ENTERPRISE + _OCTETS.to_bytes(1, "big") + os.urandom(_OCTETS), 1
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".aside")
        aside.write_text(f"{engine_id.hex()} {boots}\n", "ascii")
        aside.rename(path)
    except (OSError, ValueError) as error:
        raise StoreFault(
            f"{path} cannot be used: {error}", "it keeps our SNMP engine's id; remove it for a new one"
        ) from None
    return engine_id, boots
