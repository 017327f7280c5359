"""The ledger of the current UTC day for Prometheus: read anew at each scrape."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wardwatch.errors import StoreFault
from wardwatch.model.access import Scope
from wardwatch.model.ledger import OUTCOMES, SAMPLES, Ledger, LedgerRow
from wardwatch.model.time import Clock
from wardwatch.ports import LedgerReader

MOST_LABELS = 200
OTHERS = "others"
_FATES = ("read", "stored", "duplicates", "rejected")


class LedgerMetrics(Collector):
    """`wardwatch_ledger_{read,stored,duplicates,rejected}_total` and `wardwatch_ledger_missing`, labels edge and path;
    `wardwatch_ledger_dropped_total`, labels edge and reason; all count from 00:00 UTC. `wardwatch_ledger_readable` is 0
    when the store does not answer.

    Labels are paths, not generations of files, and at most `MOST_LABELS` of them: the rest together is `others`.
    """

    def __init__(self, records: LedgerReader, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked for at the registration: the stores may not be open yet."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily("wardwatch_ledger_readable", "Whether the ledger can be read.")
        try:
            today = self._clock().astimezone(UTC).date()
            ledger = self._records.ledger(Scope.everything(), today, today)
        except StoreFault:
            readable.add_metric((), 0.0)
            yield readable
            return
        readable.add_metric((), 1.0)
        yield readable
        yield from _lines(ledger)
        yield _dropped(ledger)


def _lines(ledger: Ledger) -> Iterator[Metric]:
    for name in _FATES:
        counts: Counter[tuple[str, str]] = Counter()
        for row in ledger.rows:
            counts[row.edge, path_label(row)] += getattr(row, name)
        family = CounterMetricFamily(f"wardwatch_ledger_{name}", f"Lines {name} today.", labels=("edge", "path"))
        for labels, count in _bounded(counts).items():
            family.add_metric(labels, float(count))
        yield family
    missing: Counter[tuple[str, str]] = Counter()
    for row in ledger.rows:
        # Lines that are missing and lines that are too many are both wrong: they must not make each other good.
        missing[row.edge, path_label(row)] += abs(row.missing)
    gauge = GaugeMetricFamily(
        "wardwatch_ledger_missing", "Lines of today that do not add up; 0 is well.", labels=("edge", "path")
    )
    for labels, count in _bounded(missing).items():
        gauge.add_metric(labels, float(count))
    yield gauge


def _dropped(ledger: Ledger) -> Metric:
    counts = Counter({(row.edge, row.reason): row.count for row in ledger.drops})
    family = CounterMetricFamily("wardwatch_ledger_dropped", "What edges let go today.", labels=("edge", "reason"))
    for labels, count in _bounded(counts).items():
        family.add_metric(labels, float(count))
    return family


def path_label(row: LedgerRow) -> str:
    """The path of a source; of one without any its kind."""
    if row.path:
        return row.path
    if row.source in (SAMPLES, OUTCOMES):
        return row.source
    return "import" if row.source.startswith("sha256:") else "unknown"


def _bounded(counts: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """All counts where they are few; else the first by name, so that a series is the same from scrape to scrape."""
    if len(counts) <= MOST_LABELS:
        return dict(counts)
    kept = sorted(counts)[: MOST_LABELS - 1]
    rest = counts.total() - sum(counts[labels] for labels in kept)
    return {**{labels: counts[labels] for labels in kept}, (OTHERS, OTHERS): rest}
