"""What a demo is asked for and says, without anything that makes it."""

from enum import StrEnum

from wardwatch.model.access import FIRST_ADMINISTRATOR

ADMINISTRATOR_FILE = "demo-administrator"


class DemoVariant(StrEnum):
    """Which city the demo shows."""

    CITY = "city"
    SMALL_PROVINCE = "small-province"


def login_words(password: str, demo: bool) -> str:
    """How to log in: a demo repeats its password, an installation says it once."""
    warning = "" if demo else " (said only now: keep it)"
    return f"log in as {FIRST_ADMINISTRATOR} with password {password}{warning}"
