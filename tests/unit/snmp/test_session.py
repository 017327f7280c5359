"""A session gives its socket back when it ends, not when the garbage collector comes by."""

import asyncio
import gc
import socket
from pathlib import Path

import pytest

from collectors.snmp.credentials import Login
from collectors.snmp.failures import AgentFailure
from collectors.snmp.session import Endpoint, Session, SessionSettings
from wardwatch.model.records import Outcome

SYS_UPTIME = "1.3.6.1.2.1.1.3.0"


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize(("listens", "outcome"), [(True, Outcome.TIMEOUT), (False, Outcome.REFUSED)])
def test_failed_sessions_keep_no_socket_open(listens: bool, outcome: Outcome) -> None:
    async def ask(port: int) -> AgentFailure:
        with pytest.raises(AgentFailure) as caught:
            async with Session(
                Endpoint("d", "127.0.0.1", port), Login(community="c"), SessionSettings(0.005, 2)
            ) as session:
                await session.get([SYS_UPTIME])
        return caught.value

    async def many(port: int) -> list[AgentFailure]:
        before = descriptors()
        failures = [await ask(port) for _ in range(20)]
        assert descriptors() == before
        return failures

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        if not listens:
            silent.close()
        gc.disable()
        try:
            failures = asyncio.run(many(port))
        finally:
            gc.enable()
    assert {failure.outcome for failure in failures} == {outcome}
