"""What the collector says of its rounds on the board."""

from prometheus_client import CollectorRegistry

from collectors.snmp.metrics import SnmpMetrics


def test_counters_are_summed_over_their_labels() -> None:
    metrics = SnmpMetrics(CollectorRegistry())
    metrics.polls.labels("ok").inc(3)
    metrics.polls.labels("silent").inc()
    metrics.silent.set(1)
    figures = metrics.figures()
    assert (figures["polls"], figures["silent_devices"], figures["dropped_readings"]) == (4.0, 1.0, 0.0)
