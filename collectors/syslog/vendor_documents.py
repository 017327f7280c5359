"""What vendors' messages mean, as YAML: one document a product family in `vendors/`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from collectors.reception.finding import Finding, FindingDocument
from wardwatch.strict_yaml import StrictModel, load

VENDORS = Path(__file__).with_name("vendors")
GROUPS = frozenset(
    "command group interface new_state peer port service source_ip source_port state terminal user".split()
)
"""What a pattern may take out of a message; `fields.py` says where each goes."""

Family = Literal["cisco", "comware", "fortigate", "junos", "linux", "routeros", "vrp"]


def _pattern(value: str) -> str:
    try:
        compiled = re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    if unknown := set(compiled.groupindex) - GROUPS:
        raise ValueError(f"has the unknown group {sorted(unknown)[0]}: known are {', '.join(sorted(GROUPS))}")
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class RuleDocument(FindingDocument):
    """One meaning. `keys` are the names that a message of the family may have (see its document); `pattern` must be
    found in the message, `also` may be; `where` are values that a key=value line must have."""

    id: Annotated[str, Field(pattern="^[a-z0-9-]+(\\.[a-z0-9-]+)+$")]
    keys: tuple[str, ...]
    pattern: Pattern | None = None
    also: Pattern | None = None
    where: dict[str, str] = Field(default_factory=dict)


class VendorDocument(StrictModel):
    """A product family and what its messages mean; of several rules with one key the first that fits counts."""

    family: Family
    vendor: str
    product: str | None = None
    rules: tuple[RuleDocument, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready for use."""

    finding: Finding
    pattern: re.Pattern[str] | None
    also: re.Pattern[str] | None
    where: tuple[tuple[str, str], ...]
    observer: dict[str, Any]

    def match(self, message: str, pairs: dict[str, str] | None) -> dict[str, str] | None:
        """The values that the message has, None where the rule does not fit."""
        if self.where and (pairs is None or any(pairs.get(key) != value for key, value in self.where)):
            return None
        values: dict[str, str] = {}
        if self.pattern is not None:
            found = self.pattern.search(message)
            if found is None:
                return None
            values = {key: value for key, value in found.groupdict().items() if value}
        if self.also is not None and (more := self.also.search(message)) is not None:
            values = {key: value for key, value in more.groupdict().items() if value} | values
        return values


Rules = dict[tuple[str, str], tuple[Rule, ...]]
"""By family and key."""


def load_rules(folder: Path = VENDORS) -> Rules:
    """The rules of every document of a folder. Raises `DocumentError`."""
    found: dict[tuple[str, str], list[Rule]] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = load(path, VendorDocument)
        observer = {"vendor": document.vendor, **({"product": document.product} if document.product else {})}
        for rule in document.rules:
            ready = Rule(
                Finding.of(rule.id, "syslog", f"syslog.{document.family}", rule),
                re.compile(rule.pattern) if rule.pattern else None,
                re.compile(rule.also) if rule.also else None,
                tuple(rule.where.items()),
                observer,
            )
            for key in rule.keys:
                found.setdefault((document.family, key), []).append(ready)
    return {key: tuple(rules) for key, rules in found.items()}


def vendor_schema() -> dict[str, Any]:
    """JSON Schema of a document."""
    schema = VendorDocument.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "What a vendor's syslog messages mean",
    }


def keys_of(rules: Rules) -> Sequence[tuple[str, str]]:
    """Families and keys, in order."""
    return sorted(rules)
