"""Readings on their way: nothing is lost while there is room, and what is lost is counted."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from collectors.snmp.delivery import Delivery
from collectors.snmp.metrics import SnmpMetrics
from collectors.snmp.poll import DeviceReading
from collectors.snmp.rounds import knocks
from collectors.snmp.visit import Memory
from wardwatch.model.records import DeviceFacts, Outcome, PollOutcome, SampleBlock

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class Sink:
    """Takes batches; refuses the first `refusals` of them."""

    def __init__(self, refusals: int = 0) -> None:
        self.devices: list[str] = []
        self.refusals = refusals

    async def __call__(
        self, blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("no space left on device")
        self.devices += [outcome.device for outcome in outcomes]


def reading(device: str) -> DeviceReading:
    return DeviceReading((), PollOutcome(device, "ward-1", AT, Outcome.OK, 1.0), (), Memory())


def delivery(sink: Sink, registry: CollectorRegistry, capacity: int = 100) -> Delivery:
    return Delivery(sink, SnmpMetrics(registry), batch=2, capacity=capacity, gather_s=0.01)


def test_a_sink_that_fails_gets_the_same_readings_again() -> None:
    async def story(sink: Sink, registry: CollectorRegistry) -> None:
        line = delivery(sink, registry)
        line.start()
        for name in "abc":
            line.put(reading(name))
        async with asyncio.timeout(10):
            while len(sink.devices) < 3:
                await asyncio.sleep(0.01)
        await line.stop()

    sink, registry = Sink(refusals=2), CollectorRegistry()
    asyncio.run(story(sink, registry))
    assert sink.devices == ["a", "b", "c"]
    assert registry.get_sample_value("wardwatch_snmp_delivery_failures_total") == 2
    assert registry.get_sample_value("wardwatch_snmp_readings_dropped_total") == 0


def test_beyond_the_capacity_the_oldest_goes_and_is_counted() -> None:
    async def story(sink: Sink, registry: CollectorRegistry) -> None:
        line = delivery(sink, registry, capacity=2)
        for name in "abc":
            line.put(reading(name))
        await line.flush()

    sink, registry = Sink(), CollectorRegistry()
    asyncio.run(story(sink, registry))
    assert sink.devices == ["b", "c"]
    assert registry.get_sample_value("wardwatch_snmp_readings_dropped_total") == 1


def test_what_waits_is_delivered_at_the_end() -> None:
    async def story(sink: Sink) -> None:
        line = Delivery(sink, SnmpMetrics(CollectorRegistry()), batch=50, capacity=100, gather_s=3600)
        line.start()
        line.put(reading("a"))
        await line.stop()

    sink = Sink()
    asyncio.run(story(sink))
    assert sink.devices == ["a"]


def test_what_cannot_be_delivered_at_the_end_is_counted() -> None:
    async def story(registry: CollectorRegistry) -> None:
        line = delivery(Sink(refusals=99), registry)
        line.start()
        line.put(reading("a"))
        await line.stop()

    registry = CollectorRegistry()
    asyncio.run(story(registry))
    assert registry.get_sample_value("wardwatch_snmp_readings_dropped_total") == 1


@pytest.mark.parametrize(
    ("rounds", "expected"), [(0, False), (1, False), (2, True), (9, True), (10, False), (11, True)]
)
def test_only_the_silent_are_knocked_at(rounds: int, expected: bool) -> None:
    assert knocks(rounds) is expected
