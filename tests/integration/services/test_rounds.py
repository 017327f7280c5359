"""Scheduled checks of a server that fails and comes back."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson

from collectors.services.rounds import CheckSettings, ServiceRounds
from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.alerts.hiding import clearings
from wardwatch.model.inventory import Check, Inventory, Service, Unit
from wardwatch.model.records import DEFAULT_NAMESPACE, Batch
from wardwatch.model.status import Severity
from wardwatch.model.time import utc_now
from wardwatch.scheduling import Scheduler

Serve = Callable[..., AbstractAsyncContextManager[int]]


def inventory(port: int) -> Inventory:
    return Inventory(
        units={"city": Unit("city", "Thành phố", "city", "01")},
        services={"portal": Service("portal", "Cổng dịch vụ công", "information-system", "city", level=3)},
        checks={"page": Check("page", "portal", "http", "127.0.0.1", port, timeout_s=2)},
    )


def test_a_fallen_service_is_an_alert_and_one_that_is_back_clears_it(serve: Serve) -> None:
    asyncio.run(_falls_and_comes_back(serve))


async def _falls_and_comes_back(serve: Serve) -> None:
    said = [b"200 OK"]
    batches: list[Batch] = []

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + said[-1] + b"\r\nContent-Length: 0\r\n\r\n")

    async def put(batch: Batch) -> None:
        batches.append(batch)

    async with serve(page) as port, Scheduler() as scheduler:
        rounds = ServiceRounds(CheckSettings(linger_s=0), inventory(port), put, utc_now, scheduler)
        shipping = asyncio.create_task(rounds.run())
        for status in (b"200 OK", b"500 No", b"500 No", b"500 No", b"200 OK"):
            said.append(status)
            await rounds.once("page")
        async with asyncio.timeout(10):
            while sum(len(batch.blocks) for batch in batches) < 5:
                await asyncio.sleep(0.01)
        shipping.cancel()
        rounds.reload(Inventory())
        assert not scheduler.names
    ups = [block.columns["up"][0] for batch in batches for block in batch.blocks]
    assert ups == [1.0, 0.0, 0.0, 0.0, 1.0]
    events = [event for batch in batches for event in batch.events]
    assert [event.alert for event in events] == [False, True, False]
    (group,) = group_alerts(events, DEFAULT_NAMESPACE, GroupingSettings())
    assert (group.service, group.unit, group.severity) == ("portal", "city", Severity.HIGH)
    over = clearings(events, DEFAULT_NAMESPACE)
    assert [each.rule_id for each in over] == [group.rule_id]
    document: dict[str, Any] = orjson.loads(events[1].document)
    assert "500" in document["message"]
    assert all(batch.read for batch in batches)
