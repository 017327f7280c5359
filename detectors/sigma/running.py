"""Rules over a file of events, outside the stream: ECS documents or lines of eve.json, one a line."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from detectors.sigma.engine import Engine
from detectors.sigma.ruleset import Ruleset, engine_of
from detectors.sigma.windows import Correlator
from wardwatch.model.records import DEFAULT_NAMESPACE, Position

Document = dict[str, Any]
MapLine = Callable[[bytes, int], Document | str]
"""A line of eve.json, and its number, as an ECS document; or why it is none."""

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Run:
    """`hits` by rule id; `events` that were read, `strange` of which no rule can be about."""

    hits: Counter[str] = field(default_factory=Counter)
    events: int = 0
    strange: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


class Runner:
    """A ruleset over events, in the order they come."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._engine: Engine = engine_of(ruleset)
        self._correlator = Correlator(ruleset.correlations)
        self.run = Run()

    def see(self, document: Document, number: int) -> None:
        """One event."""
        run = self.run
        run.events += 1
        dataset = dataset_of(document)
        if not self._engine.cares(dataset):
            run.strange += 1
        match = self._engine.matching(dataset, document)
        if match is None:
            return
        at, position = _moment(document), Position("", number)
        for rule in match.rules:
            if not rule.silent:
                run.hits[rule.about.id] += 1
            for fired in self._correlator.see(DEFAULT_NAMESPACE, rule.about.id, at, position, match.reading):
                run.hits[fired.correlation.about.id] += fired.first


def run_over(ruleset: Ruleset, documents: Iterable[tuple[int, Document | str]]) -> Run:
    """Every document, by its line; a text instead of one says why the line is none."""
    runner = Runner(ruleset)
    for number, document in documents:
        if isinstance(document, str):
            runner.run.refused.append((number, document))
        else:
            runner.see(document, number)
    return runner.run


_BY_OBJECT = (("dns", "suricata.dns"), ("http", "suricata.http"), ("url", "suricata.http"), ("tls", "suricata.tls"))
_PROTOCOLS = frozenset({"http", "dns", "tls", "smb", "krb5", "ssh", "ftp", "smtp", "rdp"})


def dataset_of(document: Document) -> str:
    """The dataset by our names: other shippers call Suricata's `suricata.eve`, Zeek's `zeek.dns`; where nothing is
    said, what the document holds decides."""
    event = document.get("event")
    said = event.get("dataset") if isinstance(event, dict) else document.get("event.dataset")
    if isinstance(said, str) and said and said != "suricata.eve":
        shipper, _, kind = said.partition(".")
        return f"suricata.{kind}" if shipper == "zeek" else said
    suricata = document.get("suricata")
    eve = suricata.get("eve") if isinstance(suricata, dict) else None
    if isinstance(eve, dict) and isinstance(eve.get("event_type"), str):
        return f"suricata.{eve['event_type']}"
    for name, dataset in _BY_OBJECT:
        if name in document or any(key.startswith(f"{name}.") for key in document):
            return dataset
    network = document.get("network")
    protocol = network.get("protocol") if isinstance(network, dict) else document.get("network.protocol")
    return f"suricata.{protocol}" if protocol in _PROTOCOLS else ""


def _moment(document: Document) -> datetime:
    said = document.get("@timestamp")
    try:
        at = datetime.fromisoformat(said) if isinstance(said, str) else _NEVER
    except ValueError:
        return _NEVER
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
