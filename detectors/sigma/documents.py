"""Rule files as pySigma reads them: every document on its own, so that one bad rule costs no other."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.policy.profiles import TrustedPolicy
from sigma.rule import SigmaRule
from sigma.rule.base import SigmaYAMLLoader

from detectors.sigma.rule import NAMELESS
from wardwatch.errors import DocumentError, Problem, UserError
from wardwatch.strict_yaml import MAX_DEPTH, read_text

SUFFIXES = (".yml", ".yaml")
PLACEHOLDERS = "placeholders.yaml"
"""No rules: what `%name%` of the `expand` modifier stands for."""

Lines = dict[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Written:
    """One document of a rule file: where it stands, what pySigma made of it, the lines of its keys; `identity` is an
    id for a rule that has none, the same as long as its text is."""

    file: str
    line: int
    lines: Lines
    rule: SigmaRule | SigmaCorrelationRule | SigmaFilter
    vietnamese: tuple[str | None, str | None] = (None, None)
    identity: str = ""

    def line_of(self, *keys: str) -> int:
        """Of the innermost of these keys that is written."""
        while keys:
            if keys in self.lines:
                return self.lines[keys]
            keys = keys[:-1]
        return self.line

    def problem(self, reason: str, *keys: str) -> Problem:
        return Problem(self.file, self.line_of(*keys), reason)


def rule_files(path: Path) -> list[Path]:
    """The file itself, or every rule file below a folder. Raises `UserError`."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError(f"{path}: there is no such file or folder")
    found = [each for each in path.rglob("*") if each.suffix in SUFFIXES and each.name != PLACEHOLDERS]
    return sorted(each for each in found if each.is_file() and not each.name.startswith("."))


def read_files(paths: Iterable[Path]) -> tuple[list[Written], list[Problem]]:
    """What could be read of some files, and what is wrong with the rest."""
    found: list[Written] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            text = read_text(path)
        except DocumentError as error:
            problems.extend(error.problems)
            continue
        for each in _read(text, str(path)):
            if isinstance(each, Problem):
                problems.append(each)
            else:
                found.append(each)
    return found, problems


def _read(text: str, file: str) -> Iterator[Written | Problem]:
    try:
        if _is_too_deep(text):
            yield Problem(file, 0, f"is nested more than {MAX_DEPTH} levels deep")
            return
        nodes = list(yaml.compose_all(text, SigmaYAMLLoader))
        plain = list(yaml.load_all(text, SigmaYAMLLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield Problem(file, mark.line + 1 if mark else 0, f"is no YAML: {error.problem or error.context}")
        return
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        yield Problem(file, 0, f"is no YAML: {' '.join(str(error).split())[:300] or type(error).__name__}")
        return
    shared: dict[str, Any] = {}
    for node, document in zip(nodes, plain, strict=False):
        if document is None:
            continue
        if isinstance(document, dict) and document.get("action") == "global":
            shared = {key: value for key, value in document.items() if key != "action"}
            continue
        yield _rule(document, shared, file, node)


def _is_too_deep(text: str) -> bool:
    """By the events of the parser, which needs no stack; building what is too deep would end the process."""
    depth = 0
    for event in yaml.parse(text, SigmaYAMLLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


def _rule(document: Any, shared: dict[str, Any], file: str, node: yaml.Node) -> Written | Problem:
    line = node.start_mark.line + 1
    if not isinstance(document, dict):
        return Problem(file, line, "is no rule: a rule is a mapping with title, logsource and detection")
    lines = _lines(node)
    document = _without_timeframe(_merged(shared, document))
    vietnamese = (_text(document, "title"), _text(document, "description"))
    kind: type[SigmaRule | SigmaCorrelationRule | SigmaFilter] = SigmaRule
    if "correlation" in document:
        kind = SigmaCorrelationRule
    elif "filter" in document:
        kind = SigmaFilter
    try:
        rule = kind.from_dict(document, policy=TrustedPolicy)
    except SigmaError as error:
        return Problem(file, _line_of_error(error, lines, line), f"{_title(document)}: {_sentence(error)}")
    except (RecursionError, ValueError, TypeError, AttributeError, KeyError) as error:
        return Problem(file, line, f"{_title(document)}: is no rule: {_sentence(error) or type(error).__name__}")
    said = json.dumps(document, sort_keys=True, default=str, ensure_ascii=False)
    return Written(file, line, lines, rule, vietnamese, str(uuid.uuid5(NAMELESS, said)))


def _merged(shared: dict[str, Any], document: dict[Any, Any]) -> dict[str, Any]:
    """A document on top of the `action: global` one before it."""
    merged = {**shared, **{str(key): value for key, value in document.items() if key != "action"}}
    # pySigma takes an id for text before it looks whether it is.
    return {**merged, "id": str(merged["id"])} if "id" in merged else merged


def _without_timeframe(document: dict[str, Any]) -> dict[str, Any]:
    """Of older rules: a timeframe belongs to an aggregation, which correlations have replaced, and is no search."""
    detection = document.get("detection")
    if not isinstance(detection, dict) or "timeframe" not in detection:
        return document
    return {**document, "detection": {key: value for key, value in detection.items() if key != "timeframe"}}


def _text(document: dict[str, Any], key: str) -> str | None:
    """The Vietnamese of a text: `title_vi`, `description_vi` (the specification leaves keys of one's own)."""
    said = document.get(f"{key}_vi")
    return said if isinstance(said, str) else None


def _title(document: dict[str, Any]) -> str:
    said = document.get("title") or document.get("id") or "a rule without a title"
    return f"'{said}'" if document.get("title") else str(said)


def _sentence(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())[:500]


_PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SigmaCondition", ("detection", "condition")),
    ("SigmaCorrelation", ("correlation",)),
    ("SigmaLogsource", ("logsource",)),
    ("SigmaTimespan", ("correlation", "timespan")),
    ("SigmaDetection", ("detection",)),
    ("SigmaModifier", ("detection",)),
    ("SigmaRegularExpression", ("detection",)),
    ("SigmaValue", ("detection",)),
    ("SigmaType", ("detection",)),
    ("SigmaIdentifier", ("id",)),
    ("SigmaLevel", ("level",)),
    ("SigmaStatus", ("status",)),
    ("SigmaDate", ("date",)),
    ("SigmaTitle", ("title",)),
)


def _line_of_error(error: SigmaError, lines: Lines, line: int) -> int:
    name = type(error).__name__
    for beginning, keys in _PLACES:
        if name.startswith(beginning):
            while keys:
                if keys in lines:
                    return lines[keys]
                keys = keys[:-1]
    return line


def _lines(node: yaml.Node, depth: int = 4) -> Lines:
    """The lines of keys, by the keys that lead to them; a field also without its modifiers."""
    found: Lines = {}

    def walk(each: yaml.Node, keys: tuple[str, ...], depth: int) -> None:
        if isinstance(each, yaml.MappingNode) and depth:
            for key, value in each.value:
                if isinstance(key, yaml.ScalarNode):
                    name = (*keys, str(key.value).partition("|")[0])
                    found.setdefault(name, key.start_mark.line + 1)
                    walk(value, name, depth - 1)
        elif isinstance(each, yaml.SequenceNode) and depth:
            for item in each.value:
                walk(item, keys, depth - 1)

    walk(node, (), depth)
    return found
