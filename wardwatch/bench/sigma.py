"""A hundred Sigma rules over EVE lines: matching alone on one core, and the whole way from line to durable append."""

import random
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from collectors.suricata.mapper import EveMapper
from detectors.sigma.stream import SigmaRules, SigmaSettings
from wardwatch.bench import machine
from wardwatch.bench.eve_lines import FIRST
from wardwatch.bench.pipeline import Work, measured, positioned
from wardwatch.bench.real_lines import lines_for
from wardwatch.demo.city import build_city
from wardwatch.garbage import looking_seldom
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.access import Actor
from wardwatch.model.records import AppendResult, Batch
from wardwatch.ports import RecordStore
from wardwatch.records import open_records

SEED = 20260302
LINES = 107_240
BATCH_LINES = 4000
WANTED = 100
_AFTER = FIRST + timedelta(hours=6)

_SOURCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("http", ("readable url.original|contains", "user_agent.original|startswith", "url.path|endswith")),
    ("dns", ("dns.question.name|endswith", "dns.question.name|contains")),
    ("tls", ("tls.client.server_name|endswith", "tls.server.issuer|contains")),
    ("flow", ("destination.domain|contains", "network.protocol")),
    ("fileinfo", ("file.name|endswith", "readable file.path|contains")),
    ("alert", ("rule.name|contains", "rule.category")),
)


def run(lines: int = LINES, folder: Path | None = None) -> dict[str, object]:
    """Measures with so many lines, in `folder` or one that is removed again.

    `sigma.events_per_s` is what one core matches, windows and alert groups included, by its CPU time; `rules` are
    those that are routed, ours and made ones up to a hundred, besides the `correlations`. `combined.events_per_s` is
    the wall time from line to durable append on the embedded store: one process maps and enriches, this one appends,
    then matches.
    """
    lines_from, arrived = lines_for(lines, SEED)
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-", dir=folder) as scratch:
        rules = _rules(Path(scratch))
        results = {"sigma": _matched(rules, arrived), "combined": _combined(Path(scratch), arrived)}
    return {"lines": lines, "lines_from": lines_from, "seed": SEED, "machine": machine.describe(), "results": results}


def _rules(scratch: Path) -> SigmaRules:
    """Ours, and made ones beside them: words that nobody says, one to four a rule."""
    settings = SigmaSettings(scratch / "rules")
    settings.folder.mkdir(exist_ok=True)
    rules = SigmaRules(settings, lambda: _AFTER)
    rules.load()
    chance = random.Random(SEED)
    missing = WANTED - sum(1 for rule in rules.ruleset.rules if rule.datasets)
    for number in range(max(missing, 0)):
        service, fields = chance.choice(_SOURCES)
        words = [f".{chance.getrandbits(40):x}" for _ in range(chance.randint(1, 4))]
        (settings.folder / f"made-{number}.yaml").write_text(
            f"title: Made {number}\nlogsource: {{product: suricata, service: {service}}}\n"
            f"detection: {{words: {{{chance.choice(fields)}: {words}}}, condition: words}}\n",
            encoding="utf-8",
        )
    rules.load()
    return rules


def _matched(rules: SigmaRules, arrived: Sequence[bytes]) -> dict[str, object]:
    mapper = EveMapper(locate=Addresses(build_city(SEED)).locate, clock=lambda: _AFTER)
    batches = [
        _batch(mapper, arrived[start : start + BATCH_LINES], start) for start in range(0, len(arrived), BATCH_LINES)
    ]
    hit = 0
    with looking_seldom():
        began = time.process_time()
        for batch, result in batches:
            hit += len(rules.judge(batch, result))
        used = time.process_time() - began
    ruleset = rules.ruleset
    return {
        "events_per_s": round(len(arrived) / used),
        "cpu_us": round(used / len(arrived) * 1e6, 2),
        "rules": sum(1 for rule in ruleset.rules if rule.datasets),
        "correlations": len(ruleset.correlations),
        "logsources": len({rule.logsource for rule in ruleset.rules}),
        "hits": sum(counted.hits for counted in rules.hits.values()),
        "alert_groups": hit,
    }


def _batch(mapper: EveMapper, lines: Sequence[bytes], first: int) -> tuple[Batch, AppendResult]:
    events, _ = mapper.map(positioned(lines, "bench", first))
    batch = Batch("bench", "1", first + 1, events=tuple(events))
    return batch, AppendResult(new_events=tuple(event.position for event in events))


def _combined(scratch: Path, arrived: Sequence[bytes]) -> dict[str, object]:
    store = open_records(scratch / "embedded", lambda: _AFTER)
    rules = _rules(scratch)
    try:
        return measured(_Matching(store, rules), Work("bench", arrived, BATCH_LINES, SEED, _AFTER))
    finally:
        store.close()


class _Matching:
    """A store that matches what it has made durable, as the core does."""

    def __init__(self, store: RecordStore, rules: SigmaRules) -> None:
        self._store = store
        self._rules = rules

    def append(self, actor: Actor, batch: Batch) -> AppendResult:
        result = self._store.append(actor, batch)
        self._rules.judge(batch, result)
        return result
