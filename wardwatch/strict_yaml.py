"""Strict YAML: a document becomes a pydantic model, or every problem in it is named with file, line and nearest key."""

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from wardwatch.errors import DocumentError, Problem
from wardwatch.model.text import nfc
from wardwatch.secrets import SECRET_REFERENCE

Location = tuple[str | int, ...]
Document = TypeVar("Document", bound=BaseModel)
MAX_DEPTH = 64
MAX_LISTED = 40
MAX_VALUES = 5_000_000
"""Aliases are written once and built each time they are used: nine of nine levels would fill the memory."""
MAX_BYTES = 32 * 1024 * 1024
"""A document takes some seventy times its size while it is built; ten thousand devices need four megabytes."""


class StrictModel(BaseModel):
    """Base of every document model: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _reference(value: str) -> str:
    """The word itself is never repeated in the sentence: it may be a secret."""
    if SECRET_REFERENCE.fullmatch(value) is None:
        raise ValueError(
            "must be a reference: store the word in the file secrets/NAME of the data folder (mode 0600) or in the "
            "environment as WARDWATCH_SECRET_NAME, and write secret://NAME here"
        )
    return value


SecretReference = Annotated[str, Field(json_schema_extra={"pattern": "^secret://"}), AfterValidator(_reference)]
"""A value of any document that stands for a secret word."""


def dotted(location: Location) -> str:
    """The keys and numbers that lead to a place, joined by dots."""
    return ".".join(str(part) for part in location)


def load(path: Path, model: type[Document]) -> Document:
    """The document at `path` as `model`. Raises `DocumentError` naming each problem."""
    return parse(read_text(path), model, str(path))


def read_text(path: Path) -> str:
    """A file's text, UTF-8 with or without a byte order mark. Raises `DocumentError`."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            message = (
                f"has {size / 1024**2:.0f} MiB, at most {MAX_BYTES // 1024**2} are read: split it into several files"
            )
            raise DocumentError([Problem(str(path), 0, message)])
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DocumentError([Problem(str(path), 0, "there is no such file")]) from None
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise DocumentError([Problem(str(path), 0, message)]) from None
    except OSError as error:
        raise DocumentError([Problem(str(path), 0, f"cannot be read: {error.strerror}")]) from None


def parse(text: str, model: type[Document], file: str) -> Document:
    """As `load`, for text that came from elsewhere; `file` names it in problems."""
    data, lines = read(text, file)
    document, problems = check(data, model, lines, file)
    if document is None:
        raise DocumentError(problems)
    return document


def check(
    data: Any,
    model: type[Document],
    lines: Mapping[Location, int],
    file: str,
    at: Location = (),
    name: Callable[[Location], str] = dotted,
) -> tuple[Document | None, list[Problem]]:
    """The part of a document that stands at a location, as `model`, or None and every problem in it. `name` says how
    a place inside the part is called in problems."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_problem(item, model, lines, file, at, name) for item in error.errors(include_url=False)]


def read(text: str, file: str) -> tuple[Any, dict[Location, int]]:
    """The plain data of a document, and the 1-based line of each location in it. Duplicate keys are refused."""
    try:
        _refuse_depth(text, file)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DocumentError([Problem(file, line, f"is not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise DocumentError([Problem(file, 0, f"is not YAML: {error}")]) from None
    if node is None:
        raise DocumentError([Problem(file, 1, "is empty")])
    lines: dict[Location, int] = {}
    problems: list[Problem] = []
    data = _Builder(file, lines, problems).build(node, ())
    if problems:
        raise DocumentError(problems)
    return data, lines


def _refuse_depth(text: str, file: str) -> None:
    """libyaml composes by recursion in C without a guard: a deep document would end the process, so it is measured
    first by its events, which need no recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise DocumentError([Problem(file, line, "is nested too deeply")])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Turns YAML nodes into data while noting lines; nodes are tried by PyYAML's safe constructor."""

    def __init__(self, file: str, lines: dict[Location, int], problems: list[Problem]) -> None:
        self._file = file
        self._lines = lines
        self._problems = problems
        self._scalars = yaml.SafeLoader("")
        self._values = 0

    def build(self, node: yaml.Node, at: Location) -> Any:
        self._values += 1
        if len(at) > MAX_DEPTH or self._values > MAX_VALUES:
            message = "is too large once its aliases are followed, or an alias refers to its own parent"
            raise DocumentError([Problem(self._file, node.start_mark.line + 1, message)])
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
    """A hint: «did you mean 'x'?», or the known words when none is near (how many, when they would fill a page)."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    if not known:
        return "none is known"
    return f"known: {', '.join(sorted(known))}" if len(known) <= MAX_LISTED else f"none of {len(known)} known is near"


def _problem(
    error: Any,
    model: type[BaseModel],
    lines: Mapping[Location, int],
    file: str,
    at: Location,
    name: Callable[[Location], str],
) -> Problem:
    location: Location = tuple(error["loc"])
    line = line_of((*at, *location), lines)
    where = name(tuple(part for part in location if not _is_tag(part)))
    if error["type"] == "extra_forbidden":
        hint = nearest(str(location[-1]), _keys(model, location[:-1]))
        return Problem(file, line, f"unknown key '{where}': {hint}")
    if error["type"] == "missing":
        return Problem(file, line, f"key '{where}' is missing")
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_type" and isinstance(error["input"], (int, float, date)):
        message = f"{error['input']} must be text: put it in quotes"
    elif error["type"] in ("literal_error", "enum"):
        known = re.findall("'([^']*)'", error["ctx"]["expected"])
        message = f"unknown word '{error['input']}': {nearest(str(error['input']), known)}"
    elif error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        message = "must be keys with values"
    return Problem(file, line, f"'{where}': {message}" if where else message)


def _is_tag(part: str | int) -> bool:
    """Whether a part of pydantic's location is the name of a union's branch, which is no key of the document."""
    return isinstance(part, str) and ("[" in part or part in {"str", "int", "float", "bool"})


def line_of(location: Location, lines: Mapping[Location, int]) -> int:
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
    return [
        node,
        *(variant for branch in branches for variant in _variants(branch, definitions)),
    ]


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
