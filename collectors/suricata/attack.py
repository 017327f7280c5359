"""Names of ATT&CK techniques and tactics by their ids (`attack.yaml`), read when the first rule names one."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class AttackNames:
    """`techniques` and `tactics` by id; `tactic_ids` by lower-case name, of Enterprise where ICS has the same."""

    techniques: dict[str, str]
    tactics: dict[str, str]
    tactic_ids: dict[str, str]


@cache
def attack_names() -> AttackNames:
    """The names that ship with the program."""
    said = yaml.safe_load(Path(__file__).with_name("attack.yaml").read_text(encoding="utf-8"))
    ids: dict[str, str] = {}
    for number, name in said["tactics"].items():
        ids.setdefault(name.lower(), number)
    return AttackNames(said["techniques"], said["tactics"], ids)
