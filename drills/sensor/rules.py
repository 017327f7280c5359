"""Which rules a file holds. A sensor refuses to start on a bad rule, so once it runs, every active one is loaded."""

import re
from pathlib import Path

from wardwatch.errors import UserError

_SID = re.compile(r"\bsid:\s*(\d+)\s*;")


def loaded_sids(rules: Path) -> frozenset[int]:
    """The signature ids of a rule file's active lines."""
    try:
        lines = rules.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(f"the rules {rules} cannot be read: {error.strerror}") from None
    active = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return frozenset(int(match[1]) for line in active if (match := _SID.search(line)))
