"""What a line of a rule file says, as far as people choose rules by it (Suricata user guide, "Rules Format")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RULE = re.compile(
    r"(?P<off>#[#\s]*)?(?P<action>alert|drop|pass|reject|rejectsrc|rejectdst|rejectboth|config)\s+(?P<protocol>\S+)\s"
    r".*?(?:->|<>|=>)[^(]*\((?P<options>.*)\)\s*"
)
_OPTION = re.compile(r'(?:^|;)\s*(?P<key>[a-z_.]+)\s*:\s*(?P<value>"(?:\\.|[^"\\])*"|[^;]*)')
_NAMED = frozenset({"sid", "rev", "msg", "classtype", "metadata"})
_TECHNIQUE = re.compile(r"\bmitre_technique_id\s+(T\d{4}(?:[._]\d{3})?)")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a file: `line` is where it begins (1-based), `text` the whole of it without what disables it."""

    sid: int
    rev: int
    action: str
    protocol: str
    message: str
    classtype: str
    techniques: tuple[str, ...]
    enabled: bool
    line: int
    text: str


def read_rules(text: str) -> Iterator[Rule]:
    """The rules of a file, disabled ones too, in order. Lines that are none are passed over: the linter names them."""
    for number, line in logical_lines(text):
        if (found := _RULE.fullmatch(line.strip())) is not None and (rule := _rule(number, line, found)) is not None:
            yield rule


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues joined to them, each with the number of its first."""
    whole, began = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        began = began or number
        if line.rstrip().endswith("\\"):
            whole += line.rstrip()[:-1]
            continue
        yield began, whole + line
        whole, began = "", 0
    if whole:
        yield began, whole


def _rule(number: int, line: str, found: re.Match[str]) -> Rule | None:
    options: dict[str, str] = {}
    for option in _OPTION.finditer(found["options"]):
        if (key := option["key"]) in _NAMED:
            options[key] = (
                f"{options[key]}, {option['value']}" if key == "metadata" and key in options else option["value"]
            )
    sid = options.get("sid", "").strip()
    if not sid.isdecimal():
        return None
    rev = options.get("rev", "").strip()
    return Rule(
        sid=int(sid),
        rev=int(rev) if rev.isdecimal() else 0,
        action=found["action"],
        protocol=found["protocol"].lower(),
        message=re.sub(r"\\(.)", r"\1", options.get("msg", "").strip().strip('"')),
        classtype=options.get("classtype", "").strip(),
        techniques=tuple(dict.fromkeys(t.replace("_", ".") for t in _TECHNIQUE.findall(options.get("metadata", "")))),
        enabled=found["off"] is None,
        line=number,
        text=line.strip().lstrip("# "),
    )
