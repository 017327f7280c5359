"""What the SNMP collector counts, by the names that Prometheus reads."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.registry import Collector

from collectors.snmp.poll import DeviceReading

DURATION_BUCKETS_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)


class SnmpMetrics:
    """Counters of one collector on the registry passed in; two collectors need two registries."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.polls = Counter("wardwatch_snmp_polls", "Polls of devices by outcome", ["outcome"], registry=registry)
        self.varbinds = Counter("wardwatch_snmp_varbinds", "Varbinds read", registry=registry)
        self.seconds = Histogram(
            "wardwatch_snmp_poll_seconds", "Time a device's poll took", buckets=DURATION_BUCKETS_S, registry=registry
        )
        self.withheld = Counter(
            "wardwatch_snmp_rates_withheld", "Rates not given, by reason", ["reason"], registry=registry
        )
        self.overlapped = Counter(
            "wardwatch_snmp_overlapped", "Polls not started: the last one still ran", registry=registry
        )
        self.rested = Counter(
            "wardwatch_snmp_rested", "Polls left out: the device has been silent for long", registry=registry
        )
        self.missed = Gauge(
            "wardwatch_snmp_missed", "Polls the machine slept through since the start", registry=registry
        )
        self.dropped = Counter(
            "wardwatch_snmp_readings_dropped", "Readings lost: nobody took them in time", registry=registry
        )
        self.delivery_failures = Counter(
            "wardwatch_snmp_delivery_failures", "Deliveries that failed and were tried again", registry=registry
        )
        self.devices = Gauge("wardwatch_snmp_devices", "Devices that are polled", registry=registry)
        self.silent = Gauge("wardwatch_snmp_silent_devices", "Devices that did not answer last time", registry=registry)
        self.queued = Gauge("wardwatch_snmp_queued_readings", "Readings that wait for delivery", registry=registry)

    def figures(self) -> dict[str, float]:
        """The sums since the start, and how it is now, as the collector's part of the board has them."""
        return {
            "devices": _sum(self.devices),
            "silent_devices": _sum(self.silent),
            "polls": _sum(self.polls),
            "polls_overlapped": _sum(self.overlapped),
            "polls_missed": _sum(self.missed),
            "polls_rested": _sum(self.rested),
            "queued_readings": _sum(self.queued),
            "dropped_readings": _sum(self.dropped),
            "delivery_failures": _sum(self.delivery_failures),
        }

    def count(self, reading: DeviceReading) -> None:
        """Counts one poll."""
        self.polls.labels(reading.outcome.outcome.value).inc()
        self.varbinds.inc(reading.outcome.varbinds)
        self.seconds.observe(reading.outcome.duration_ms / 1000.0)
        for reason, number in (
            ("implausible", reading.implausible),
            ("discontinuity", reading.broken),
            ("restart", int(reading.restarted)),
        ):
            if number:
                self.withheld.labels(reason).inc(number)


def _sum(metric: Collector) -> float:
    """Over all labels; when a counter was made is no part of it."""
    return sum(
        sample.value for family in metric.collect() for sample in family.samples if not sample.name.endswith("_created")
    )
