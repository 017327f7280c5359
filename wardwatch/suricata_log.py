"""What a Suricata that ends has against its rules, in the forms in which it may say so: lines of text or of JSON."""

import json
import re

_TEXT = re.compile(r"(?:E|Error): (?:[\w-]+: )?(?P<message>.*)")


def errors_said(said: str) -> list[str]:
    """The messages of the errors in what it said on its console, in order, without the names of its modules."""
    return [message for line in said.splitlines() if (message := _error(line)) is not None]


def _error(line: str) -> str | None:
    if line.startswith("{"):
        try:
            told = json.loads(line)
            return str(told["engine"]["message"]) if told["log_level"] in ("Error", "Critical") else None
        except (ValueError, KeyError, TypeError):
            return None
    found = _TEXT.fullmatch(line.strip())
    return None if found is None else found["message"]
