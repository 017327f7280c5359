"""The playbooks that are shipped, and how a playbook's file is read and checked."""

from dataclasses import dataclass
from pathlib import Path

from playbooks.documents import Playbook
from playbooks.lint import RULES
from playbooks.rendering import check_templates
from wardwatch.errors import DocumentError, Problem
from wardwatch.strict_yaml import load, nearest

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shelf:
    """Playbooks by the files they stand in, and what is wrong with the others."""

    playbooks: dict[Path, Playbook]
    problems: list[Problem]


def read_playbook(path: Path) -> Playbook:
    """A playbook by its file, or a shipped one by its name. Raises `DocumentError` naming every problem."""
    shipped = FOLDER / f"{path}.yaml"
    path = shipped if not path.exists() and shipped.is_file() else path
    playbook = load(path, Playbook)
    problems = check_templates(playbook, str(path))
    problems += [
        Problem(str(path), 0, f"lint.allow: there is no rule '{rule}': {nearest(rule, sorted(RULES))}")
        for rule in playbook.lint.allow
        if rule not in RULES
    ]
    for check in (*playbook.checks.pre, *playbook.checks.post):
        if check.type == "command" and not check.command:
            problems.append(Problem(str(path), 0, f"check '{check.id}' asks no command"))
    if problems:
        raise DocumentError(problems)
    return playbook


def shelf(paths: list[Path]) -> Shelf:
    """All playbooks of files and folders."""
    files = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    found, problems = {}, []
    for file in files:
        try:
            found[file] = read_playbook(file)
        except DocumentError as error:
            problems += error.problems
    return Shelf(found, problems)
