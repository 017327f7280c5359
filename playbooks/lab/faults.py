"""What can be made to go wrong with a fake device."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Faults of one device; each may be set while it runs.

    `drop_after`: the line is lost after so many configuration lines, and once only; `prompt_delay_s` before each
    prompt; `refuse` a line that begins so; `refuse_save`; `locked`: another holds the configuration; `refuse_login`;
    `lose_management_on`: after a line that begins so nobody can log in until it is taken back; `lost` says it happened;
    `keep_paging`: the command that ends paging is refused.
    """

    drop_after: int | None = None
    prompt_delay_s: float = 0.0
    refuse: str = ""
    refuse_save: bool = False
    locked: bool = False
    refuse_login: bool = False
    lose_management_on: str = ""
    lost: bool = False
    keep_paging: bool = False
