"""The configuration of a fake device: indented lines under their parents, changed by one command at a time. Pure."""

from dataclasses import dataclass, field

SINGLE = ("hostname", "sysname", "description", "ip address", "ip access-group", "banner", "switchport access vlan")
"""Commands of which a section has one: a new one takes the old one's place."""


@dataclass(slots=True)
class Section:
    """A line and the lines below it, in the order they were given."""

    children: dict[str, "Section"] = field(default_factory=dict)

    def copy(self) -> "Section":
        return Section({line: child.copy() for line, child in self.children.items()})

    def text(self, indent: str = " ", depth: int = 0) -> str:
        """The lines as a device shows them."""
        return "".join(
            f"{indent * depth}{line}\n{child.text(indent, depth + 1)}" for line, child in self.children.items()
        )

    def add(self, line: str) -> "Section":
        """Sets a line and returns its section; one that can be there once replaces its forerunner."""
        if line not in self.children:
            word = next((word for word in SINGLE if line.startswith(word + " ")), None)
            if word is not None:
                self.remove(word)
            self.children[line] = Section()
        return self.children[line]

    def remove(self, start: str) -> bool:
        """Takes away the line, or those that begin with these words; says whether there was one."""
        found = [line for line in self.children if line == start or line.startswith(start + " ")]
        for line in found:
            del self.children[line]
        return bool(found)


def parsed(text: str) -> Section:
    """A section from indented text; `#` and `!` lines only divide it."""
    root = Section()
    stack = [(-1, root)]
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line in ("!", "#", "return", "end"):
            continue
        depth = len(raw) - len(raw.lstrip())
        while stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, stack[-1][1].add(line)))
    return root
