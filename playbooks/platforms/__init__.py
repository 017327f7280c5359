"""What is known of each platform: one YAML document each, checked strictly."""

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from wardwatch.errors import NotFound
from wardwatch.strict_yaml import StrictModel, load, nearest


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Step(StrictModel):
    """A command and what its answer must hold; `question` is asked on the way and gets `answer`."""

    command: str
    success: Pattern
    refused: Pattern | None = None
    question: Pattern | None = None
    answer: str = ""


class Commit(StrictModel):
    """How a platform with a candidate configuration makes it real, for a time, or not at all. `bound`: the timer ends
    with the session that started it, which therefore stays open and confirms, after the new login was made."""

    check: Step
    now: Step
    timed: Step
    discard: Step
    bound: bool = False


class Platform(StrictModel):
    """A kind of command line.

    `driver` is netmiko's device type. `verified`: `real` (tried on the real software), `fake` (only on our imitation),
    `none`. `diff`: hier_config's platform, `set` for lines of set and delete, `none` where no change can be computed.
    `enter_timed` starts a change that the device takes back by itself unless `confirm` is sent. `noise` are lines that
    are no configuration; the groups of `secrets` are never shown. `repaints`: it draws its prompt and lines anew.
    `prepare` ends paging; where it is empty netmiko does that in its own way.
    """

    name: str
    title: str
    driver: str
    verified: Literal["real", "fake", "none"]
    diff: str
    snapshot: str
    startup: str | None = None
    enter: str | None = None
    leave: str | None = None
    enter_timed: str | None = None
    confirm: str | None = None
    ending: str = "exit"
    repaints: bool = False
    prepare: list[str] = Field(default_factory=list)
    save: Step | None = None
    commit: Commit | None = None
    errors: list[Pattern]
    locked: Pattern | None = None
    noise: list[Pattern]
    secrets: list[Pattern]

    @property
    def timed(self) -> bool:
        """Whether the device itself takes an unconfirmed change back."""
        return self.commit is not None or self.enter_timed is not None

    @property
    def pushable(self) -> bool:
        """Whether a change can be computed, sent and taken back."""
        return self.diff != "none" and self.enter is not None and (self.save is not None or self.commit is not None)

    @cached_property
    def error_pattern(self) -> re.Pattern[str]:
        """Finds the answer to a wrong line."""
        return re.compile("|".join(self.errors), re.MULTILINE)


@lru_cache
def platforms() -> dict[str, Platform]:
    """Every platform by name."""
    found = [load(path, Platform) for path in sorted(Path(__file__).parent.glob("*.yaml"))]
    return {platform.name: platform for platform in found}


def platform_named(name: str) -> Platform:
    """Raises `NotFound` with the nearest name."""
    known = platforms()
    if name not in known:
        raise NotFound(f"there is no platform '{name}'", nearest(name, list(known)))
    return known[name]
