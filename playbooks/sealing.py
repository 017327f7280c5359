"""A configuration's own secrets in a plan: each is a reference `secret://sealed.N` into a list that is sealed in the
plan's values, so that neither the plan nor the journal shows a word."""

import json
import re
from collections.abc import Callable, Sequence

from playbooks.plans import Plan
from playbooks.platforms import Platform
from playbooks.texts import secret_spans
from playbooks.vault import Vault

SEALED = "sealed"
_REFERENCE = re.compile(r"secret://sealed\.(\d+)")


def referenced(lines: Sequence[str], platform: Platform, words: list[str]) -> tuple[str, ...]:
    """The lines with references for their secrets, whose words are added to `words`."""

    def one(line: str) -> str:
        for start, end in secret_spans(line, platform):
            word = line[start:end]
            if word not in words:
                words.append(word)
            line = f"{line[:start]}secret://{SEALED}.{words.index(word)}{line[end:]}"
        return line

    return tuple(map(one, lines))


def sealed_words(vault: Vault, words: list[str]) -> str:
    """The words as one sealed text, to be kept in the values of a plan."""
    return vault.seal(json.dumps(words))


def resolver(plan: Plan, vault: Vault, others: Callable[[str], str]) -> Callable[[str], str]:
    """What resolves the references of a plan: its own sealed words, and the installation's secrets."""
    words: list[str] = json.loads(vault.unseal(str(plan.values[SEALED]))) if SEALED in plan.values else []

    def resolve(reference: str) -> str:
        match = _REFERENCE.fullmatch(reference)
        return words[int(match[1])] if match and int(match[1]) < len(words) else others(reference)

    return resolve
