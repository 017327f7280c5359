"""Lines that could lock us out or destroy a device are refused before they are sent, in a change and in its undoing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_RULES: dict[str, str] = {
    "reload": r"^(do )?(reload|reboot|request system (reboot|halt|zeroize))|^/system (reboot|reset)"
    r"|^execute (reboot|factoryreset)",
    "erase": r"^(do )?(write )?erase|^reset saved-configuration"
    r"|^format |^delete (/\w+ )?(flash|cfcard|bootflash)|^load factory",
    "routing-off": r"^no ip routing$|^(no|undo) (ip route|ip route-static) 0\.0\.0\.0"
    r"|^delete routing-options static route 0\.0\.0\.0/0",
    "vty-closed": r"^(no|undo) transport input|^transport input (none|telnet)$|^protocol inbound telnet$"
    r"|^(no|undo) (line vty|user-interface vty)",
    "vty-filter": r"^access-class \S+ in|^ip access-class |^ipv6 access-class .* in|^acl (ipv6 )?\d+ inbound",
    "ssh-off": r"^(no|undo) (ip ssh|crypto key|stelnet|ssh server|ssh user)"
    r"|^crypto key zeroize|^delete system services( ssh)?$",
    "login-off": r"^(no|undo) (aaa|username|local-user|tacacs|radius)|^delete system login",
    "trunk-replaced": r"^switchport trunk allowed vlan (?!add |remove |except )\S|^port trunk allow-pass vlan none",
    "debug": r"^(do )?debug all|^debugging all",
    "second-command": r";.*\b(reload|erase|reboot|delete)\b|\|\s*(redirect|append|tee)\b",
}
"""Each rule by its id: what it must not find at the start of a line."""

_COMPILED = {name: re.compile(pattern) for name, pattern in _RULES.items()}
_CLOSING = re.compile(r"shutdown|(no|undo) ip address|ip access-group|traffic-filter|switchport")
_ADDRESSING = re.compile(r"(no |undo )?(ip address|set .* address|delete .* address)")
RULES = frozenset(_RULES) | {"management-interface", "own-address"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that a rule refuses. `where` is `change` or `rollback`."""

    rule: str
    line: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: '{self.line.strip()}' breaks the rule {self.rule}"


def lint(lines: Sequence[str], address: str, running: str, where: str) -> list[Finding]:
    """What the lines break; `address` is where we reach the device, `running` says which interface has it."""
    own = _interface_of(address, running)
    found, section = [], ""
    for raw in lines:
        line = raw.strip()
        if re.match(r"(no |undo )?interface ", line):
            section = line
        found += [Finding(name, raw, where) for name, pattern in _COMPILED.items() if pattern.search(line)]
        if own and (_below(section, own, line) or _whole(own, line)):
            found.append(Finding("management-interface", raw, where))
        if re.search(rf"\b{re.escape(address)}\b", line) and _ADDRESSING.match(line):
            found.append(Finding("own-address", raw, where))
    return found


def _below(section: str, own: str, line: str) -> bool:
    """Whether the line closes the interface that we come in by, in whose section it stands."""
    return section.split()[-1:] == [own] and _CLOSING.match(line) is not None


def _whole(own: str, line: str) -> bool:
    """Whether the line takes that interface away."""
    name = re.escape(own)
    return re.match(rf"(no|undo|default) interface {name}$|(delete|deactivate) interfaces {name}\b", line) is not None


def _interface_of(address: str, running: str) -> str | None:
    """The interface that has our address; None where the configuration does not say."""
    current = None
    for line in running.splitlines():
        if match := re.match(r"interface (\S+)", line):
            current = match[1]
        if re.search(rf"\b{re.escape(address)}\b", line):
            if match := re.match(r"set interfaces (\S+)", line):
                return match[1]
            if current is not None and re.match(r"\s+ip(v4)? address", line):
                return current
    return None
