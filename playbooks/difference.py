"""What a change makes of a configuration, and how to come back: hier_config for trees of lines, sets of lines for
platforms that show theirs as `set` commands. Pure."""

import difflib
from collections.abc import Sequence

from hier_config import Platform as Kind
from hier_config import WorkflowRemediation, get_hconfig

from playbooks.platforms import Platform

ENDINGS = frozenset({"exit", "quit", "!", "#"})
"""Lines that end a section and are no configuration."""


def predicted(running: str, lines: Sequence[str], platform: Platform) -> str:
    """The configuration after these lines, as far as can be said without the device."""
    if platform.diff == "set":
        return _after(running, lines)
    kind = Kind[platform.diff]
    lines = [line for line in lines if line.strip() not in ENDINGS]
    after = get_hconfig(kind, running).future(get_hconfig(kind, "\n".join(lines)))
    return "".join(f"{line}\n" for line in after.dump_simple())


def way(before: str, after: str, platform: Platform) -> tuple[str, ...]:
    """The commands that lead from one configuration to another; empty when they are the same."""
    if platform.diff == "set":
        old, new = before.splitlines(), after.splitlines()
        gone = [f"delete {line.removeprefix('set ')}" for line in old if line not in set(new)]
        return tuple(gone + [line for line in new if line not in set(old)])
    kind = Kind[platform.diff]
    work = WorkflowRemediation(get_hconfig(kind, before), get_hconfig(kind, after))
    found: list[str] = []
    depth = 1
    for child in work.remediation_config.all_children_sorted():
        # A section is left before the next line of a higher one: not every platform does so by itself.
        found += [platform.ending] * (depth - child.depth())
        depth = child.depth()
        found.append(child.cisco_style_text())
    return tuple(found)


def difference(before: str, after: str) -> str:
    """A unified diff without file names."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=2)
    return "".join(f"{line}\n" for line in lines)


def _after(running: str, lines: Sequence[str]) -> str:
    kept = running.splitlines()
    for line in (line.strip() for line in lines):
        if line.startswith("delete "):
            gone = "set " + line.removeprefix("delete ")
            kept = [each for each in kept if each != gone and not each.startswith(gone + " ")]
        elif line not in kept:
            kept.append(line)
    return "".join(f"{line}\n" for line in kept)
