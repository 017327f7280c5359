"""How the parts are, for Prometheus: read anew at each scrape."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from wardwatch.model.health import PartHealth, PartState

_LABELS = ("edge", "part")


class PartMetrics(Collector):
    """`wardwatch_part_up` (1 running, else 0), `wardwatch_part_restarts`, and `wardwatch_part_<figure>` for every
    figure; each with the labels edge and part. What may stand there is bounded by the board."""

    def __init__(self, parts: Callable[[], Sequence[PartHealth]]) -> None:
        self._parts = parts

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is asked for at the registration: the stores may not be open yet."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("wardwatch_part_up", "Whether a part runs.", labels=_LABELS)
        restarts = GaugeMetricFamily("wardwatch_part_restarts", "Restarts since its reporter's start.", labels=_LABELS)
        figures: dict[str, GaugeMetricFamily] = {}
        for part in self._parts():
            labels = (part.edge, part.part)
            up.add_metric(labels, float(part.state is PartState.RUNNING))
            restarts.add_metric(labels, float(part.restarts))
            for name, value in part.figures.items():
                if name not in figures:
                    figures[name] = GaugeMetricFamily(f"wardwatch_part_{name}", "A part's figure.", labels=_LABELS)
                figures[name].add_metric(labels, value)
        yield from (up, restarts, *figures.values())
