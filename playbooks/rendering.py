"""From a playbook's template and values to lines of configuration. A secret stays a reference until it is sent."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from playbooks.documents import Playbook, Variable
from wardwatch.errors import DocumentError, Problem, UserError
from wardwatch.model.inventory import Device

Values = Mapping[str, str | int | list[str]]
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
_KNOWN = frozenset({"device"})
_PATTERNS = {
    "word": re.compile(r"[^\s\"'`;|<>?]{1,128}"),
    "text": re.compile(r"[^\r\n\x00-\x1f?]{1,240}"),
    "mac": re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}"),
}


def values_of(playbook: Playbook, given: Mapping[str, str], file: str) -> dict[str, str | int | list[str]]:
    """The value of each variable, from what was given or its default. Raises `DocumentError` naming all problems."""
    problems = [Problem(file, 0, f"there is no variable '{name}'") for name in given if name not in playbook.vars]
    values: dict[str, str | int | list[str]] = {}
    for name, variable in playbook.vars.items():
        raw: str | int | list[str] | None = given.get(name, variable.default)
        if variable.type == "secret":
            raw = given.get(name, variable.ref)
        if raw is None:
            problems.append(Problem(file, 0, f"variable '{name}' has no value: give --var {name}=VALUE"))
            continue
        try:
            values[name] = typed(variable, raw)
        except ValueError as error:
            problems.append(Problem(file, 0, f"variable '{name}': {error}"))
    if problems:
        raise DocumentError(problems)
    return values


def typed(variable: Variable, raw: str | int | list[str]) -> str | int | list[str]:
    """The value as its type; nothing of these can hold a line break, and so a second command. Raises ValueError."""
    match variable.type:
        case "integer":
            return int(str(raw))
        case "vlan":
            number = int(str(raw))
            if not 1 <= number <= 4094:
                raise ValueError(f"{number} is no VLAN: 1 to 4094")
            return number
        case "ip":
            return str(ipaddress.ip_address(str(raw)))
        case "network":
            return str(ipaddress.ip_network(str(raw)))
        case "ip_list":
            parts = raw if isinstance(raw, list) else [part.strip() for part in str(raw).split(",")]
            return [str(ipaddress.ip_address(part)) for part in parts]
        case "secret":
            if not re.fullmatch(r"secret://[a-z0-9][a-z0-9._-]*", str(raw)):
                raise ValueError("must be a reference: secret://NAME")
            return str(raw)
        case _:
            if not _PATTERNS[variable.type].fullmatch(str(raw)):
                raise ValueError(f"is no {variable.type}")
            return str(raw)


def check_templates(playbook: Playbook, file: str) -> list[Problem]:
    """What is wrong with the templates before any device is known: their syntax, and names that nothing gives."""
    problems = []
    for platform, template in playbook.config.items():
        try:
            wanted = meta.find_undeclared_variables(_ENVIRONMENT.parse(template))
        except TemplateSyntaxError as error:
            problems.append(Problem(file, 0, f"config.{platform}, its line {error.lineno}: {error.message}"))
            continue
        missing = sorted(wanted - playbook.vars.keys() - _KNOWN)
        problems += [Problem(file, 0, f"config.{platform}: nothing gives the variable '{name}'") for name in missing]
    return problems


def rendered(playbook: Playbook, platform: str, device: Device, values: Values) -> tuple[str, ...]:
    """The lines for a device, indented as written. Raises `UserError`."""
    facts: dict[str, Any] = {
        "id": device.id,
        "name": device.name,
        "unit": device.unit,
        "site": device.site,
        "address": device.address,
    }
    try:
        text = _ENVIRONMENT.from_string(playbook.config[platform]).render(**values, device=facts)
    except TemplateError as error:
        raise UserError(f"{playbook.name}: the template for {platform} fails on {device.id}: {error.message}") from None
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())
