"""Strict YAML: a document becomes a pydantic model, or every problem in it is named with file, line and nearest key."""

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from wardwatch.errors import DocumentError, Problem
from wardwatch.model.text import nfc

Location = tuple[str | int, ...]
Document = TypeVar("Document", bound=BaseModel)


class StrictModel(BaseModel):
    """Base of every document model: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def load(path: Path, model: type[Document]) -> Document:
    """The document at `path` as `model`. Raises `DocumentError` naming each problem."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DocumentError([Problem(str(path), 0, "there is no such file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError([Problem(str(path), 0, f"cannot be read: {error}")]) from None
    return parse(text, model, str(path))


def parse(text: str, model: type[Document], file: str) -> Document:
    """As `load`, for text that came from elsewhere; `file` names it in problems."""
    data, lines = read(text, file)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise DocumentError([_problem(item, model, lines, file) for item in error.errors()]) from None


def read(text: str, file: str) -> tuple[Any, dict[Location, int]]:
    """The plain data of a document, and the 1-based line of each location in it. Duplicate keys are refused."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DocumentError([Problem(file, line, f"is not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise DocumentError([Problem(file, 0, f"is not YAML: {error}")]) from None
    except RecursionError:
        raise DocumentError([Problem(file, 0, "is nested too deeply")]) from None
    if node is None:
        raise DocumentError([Problem(file, 1, "is empty")])
    lines: dict[Location, int] = {}
    problems: list[Problem] = []
    try:
        data = _Builder(file, lines, problems).build(node, ())
    except RecursionError:
        raise DocumentError([Problem(file, 0, "is nested too deeply, or an alias refers to its own parent")]) from None
    if problems:
        raise DocumentError(problems)
    return data, lines


class _Builder:
    """Turns YAML nodes into data while noting lines; nodes are tried by PyYAML's safe constructor."""

    def __init__(self, file: str, lines: dict[Location, int], problems: list[Problem]) -> None:
        self._file = file
        self._lines = lines
        self._problems = problems
        self._scalars = yaml.SafeLoader("")

    def build(self, node: yaml.Node, at: Location) -> Any:
        self._lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*at, index)) for index, item in enumerate(node.value)]
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._problems.append(Problem(self._file, node.start_mark.line + 1, f"bad value: {error}"))
            return None
        return nfc(value) if isinstance(value, str) else value

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._problems.append(Problem(self._file, line, "a key must be a plain word"))
                continue
            key = nfc(str(key_node.value))
            if key in found:
                self._problems.append(Problem(self._file, line, f"key '{key}' is given twice"))
                continue
            self._lines[(*at, key)] = line
            found[key] = self.build(value_node, (*at, key))
        return found


def nearest(word: str, known: list[str]) -> str:
    """A hint: «did you mean 'x'?», or the known words when none is near."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(sorted(known))}"


def _problem(error: Any, model: type[BaseModel], lines: dict[Location, int], file: str) -> Problem:
    location: Location = tuple(error["loc"])
    line = _line(location, lines)
    where = ".".join(str(part) for part in location if not _is_tag(part))
    if error["type"] == "extra_forbidden":
        word = str(location[-1])
        return Problem(file, line, f"unknown key '{where}': {nearest(word, _keys(model, location[:-1]))}")
    if error["type"] == "missing":
        return Problem(file, line, f"key '{where}' is missing")
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(file, line, f"'{where}': {message}" if where else message)


def _is_tag(part: str | int) -> bool:
    """Whether a part of pydantic's location is the name of a union's branch, which is no key of the document."""
    return isinstance(part, str) and ("[" in part or part in {"str", "int", "float", "bool"})


def _line(location: Location, lines: dict[Location, int]) -> int:
    """The line of the longest prefix of the location that stands in the document; branch names are skipped."""
    known: Location = ()
    for part in location:
        if (*known, part) in lines:
            known = (*known, part)
    return lines.get(known, 1)


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that the model at a location knows: walks the JSON Schema, which has unions and lists resolved."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    nodes = [schema]
    for part in location:
        nodes = [child for node in nodes for child in _children(node, part, definitions)] or nodes
    found = {key for node in nodes for variant in _variants(node, definitions) for key in variant.get("properties", {})}
    return sorted(found)


def _variants(node: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return _variants(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    branches = [*node.get("anyOf", []), *node.get("oneOf", []), *node.get("allOf", [])]
    return [node, *(variant for branch in branches for variant in _variants(branch, definitions))]


def _children(node: dict[str, Any], part: str | int, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for variant in _variants(node, definitions):
        if isinstance(part, int) and isinstance(variant.get("items"), dict):
            found.append(variant["items"])
        elif isinstance(part, str) and part in variant.get("properties", {}):
            found.append(variant["properties"][part])
        elif isinstance(part, str) and isinstance(variant.get("additionalProperties"), dict):
            found.append(variant["additionalProperties"])
    return found
