"""Sends a command over an SSH channel and waits for its answer's bytes, where netmiko looks every 10 ms."""

import codecs
import re
import time

from netmiko import ReadTimeout
from netmiko.base_connection import BaseConnection
from paramiko import Channel

_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>78].?|[\x07\x00]")
_CHUNK = 65536


_ECHO = 12
"""So many letters of a command must come back before its answer may end: a late prompt of before is no answer."""
SETTLED_S = 0.05
GREETED = re.compile(r"(?:\A|[\r\n])[^\r\n]{0,80}[#>\]$%] ?\Z")


def greeting(link: BaseConnection, channel: Channel, timeout_s: float) -> None:
    """Waits until the device has said its banner and shows something like a prompt, and nothing more comes."""
    said = ""
    # netmiko may have read the first prompt already.
    channel.sendall(link.RETURN.encode(link.encoding))
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        channel.settimeout(SETTLED_S if GREETED.search(_TERMINAL.sub("", said[-400:])) else timeout_s)
        try:
            raw = channel.recv(_CHUNK)
        except TimeoutError:
            break
        if not raw:
            raise EOFError("the device closed the session")
        said += raw.decode(link.encoding, "replace")
    if not GREETED.search(_TERMINAL.sub("", said[-400:])):
        raise ReadTimeout(f"no prompt after {timeout_s:.0f} s")


def answer(link: BaseConnection, channel: Channel, command: str, prompt: re.Pattern[str], timeout_s: float) -> str:
    """All that is said after `command`, its echo first, until a line that is a prompt. Raises netmiko's `ReadTimeout`,
    and `EOFError` when the device closes the session."""
    while channel.recv_ready():
        channel.recv(_CHUNK)
    channel.sendall((command + link.RETURN).encode(link.encoding))
    decoder = codecs.getincrementaldecoder(link.encoding)("replace")
    said = ""
    deadline = time.monotonic() + timeout_s
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ReadTimeout(f"no prompt after {timeout_s:.0f} s")
        channel.settimeout(left)
        try:
            raw = channel.recv(_CHUNK)
        except TimeoutError:
            continue
        if not raw:
            raise EOFError("the device closed the session")
        said += decoder.decode(raw)
        # A prompt is short: the last few hundred letters decide, and the echo's line must have ended before.
        if "\n" in said and command.strip()[:_ECHO] in said and prompt.search(_TERMINAL.sub("", said[-400:])):
            return _TERMINAL.sub("", said)
