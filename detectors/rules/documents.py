"""`rules.yaml`: where rules come from, which of them are wanted, and how a new set reaches the sensors."""

import re
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from wardwatch.strict_yaml import SecretReference, StrictModel, parse, read_text

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MATCHER = re.compile(r"(?:\d+:)?\d+|(?:re|group|filename|metadata):\S.*")


def _is_matcher(value: str) -> str:
    if "\n" in value or _MATCHER.fullmatch(value) is None:
        raise ValueError(
            f"'{value}' chooses no rules: write a sid, or re:…, group:FILE.rules, filename:…, metadata:KEY VALUE"
        )
    if value.startswith("re:"):
        _is_expression(value.removeprefix("re:"))
    return value


def _is_expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"'{value}' is no regular expression: {error}") from None
    return value


Matcher = Annotated[str, Field(max_length=500), AfterValidator(_is_matcher)]
"""Which rules are meant, in suricata-update's words."""


def _from_number(values: Any) -> Any:
    return [str(each) if type(each) is int else each for each in values] if isinstance(values, list) else values


class SourceDocument(StrictModel):
    """One source: exactly one of `url` (https, http or file), `index` with `source`, `archive` (a file in
    `rules/archives`), `folder` (of `*.rules`)."""

    url: str | None = Field(default=None, pattern=r"^(https?|file)://\S+$")
    index: str | None = Field(default=None, description="URL or path of an index as suricata-update reads it.")
    source: str | None = Field(default=None, description="The name in the index: et/open.")
    parameters: dict[str, str] = Field(default={}, description="What the address in the index asks for.")
    archive: str | None = Field(default=None, pattern=r"^[\w][\w.+-]*$")
    folder: Path | None = None
    enabled: bool = True
    checksum: bool = Field(default=False, description="Whether the address with .md5 behind it says the archive's MD5.")
    authorization: SecretReference | None = Field(default=None, description="The value of the header Authorization.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [name for name in ("url", "index", "archive", "folder") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of url, index, archive, folder")
        if (self.index is None) != (self.source is None):
            raise ValueError("index and source belong together")
        return self


class ModifyDocument(StrictModel):
    """A change of the rules' text: what matches `replace` (a regular expression) becomes `by`."""

    rules: Matcher
    replace: Annotated[str, AfterValidator(_is_expression)] = Field(max_length=500, pattern=r'^[^"\n]+$')
    by: str = Field(max_length=500, pattern=r'^[^"\n]*$')


class RolloutDocument(StrictModel):
    """Which sensors try a set first: names of edges, `local` for the one beside the core; for how long."""

    first: tuple[str, ...] = ()
    for_minutes: float = Field(default=10, gt=0, le=7 * 24 * 60)


def _named(sources: dict[str, SourceDocument]) -> dict[str, SourceDocument]:
    """Names are folders of ours."""
    for name in sources:
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"'{name}' is no name of a source: use small letters, digits and hyphens")
    return sources


class RulesDocument(StrictModel):
    """The whole file. Without it: our own rules and those in `rules/local`."""

    sources: Annotated[dict[str, SourceDocument], AfterValidator(_named)] = Field(default={}, description="By name.")
    ours: bool = Field(default=True, description="Whether the product's own rules are among them.")
    engine_events: bool = Field(
        default=False, description="Whether the rules of Suricata's package are: its own remarks."
    )
    enable: tuple[Matcher, ...] = ()
    disable: tuple[Matcher, ...] = ()
    drop: tuple[Matcher, ...] = ()
    modify: tuple[ModifyDocument, ...] = ()
    captures: Path | None = Field(default=None, description="Another folder of captures than rules/captures.")
    rollout: RolloutDocument = RolloutDocument()

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_sids(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return values | {key: _from_number(values[key]) for key in ("enable", "disable", "drop") if key in values}


def read_rules_settings(path: Path) -> RulesDocument:
    """What the installation says, or what holds where it says nothing. Raises `DocumentError`."""
    return parse(read_text(path) or "{}", RulesDocument, str(path)) if path.exists() else RulesDocument()
