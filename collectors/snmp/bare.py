"""The bare libraries walking columns, with nothing of ours around them: what the collector is measured against."""

import asyncio
from collections.abc import Sequence

from gufo.snmp.aio import SnmpSession
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    bulk_walk_cmd,
)

from wardwatch.errors import EngineFault

REPETITIONS = 60
"""More than the rows of the benchmark, so that a column takes one request."""


async def gufo_walks(addresses: Sequence[str], port: int, community: str, columns: Sequence[str], at_once: int) -> int:
    """Walks the columns of every address with gufo's own asyncio sessions; returns the varbinds read."""
    gate = asyncio.Semaphore(at_once)

    async def one(address: str) -> int:
        count = 0
        async with gate, SnmpSession(address, port, community=community, max_repetitions=REPETITIONS) as session:
            for column in columns:
                count += len([varbind async for varbind in session.getbulk(column)])
        return count

    return sum(await asyncio.gather(*(one(address) for address in addresses)))


async def pysnmp_walks(
    addresses: Sequence[str], port: int, community: str, columns: Sequence[str], at_once: int
) -> int:
    """As `gufo_walks`, by pysnmp's high-level bulk walk on one engine."""
    gate = asyncio.Semaphore(at_once)
    engine = SnmpEngine()

    async def one(address: str) -> int:
        count = 0
        async with gate:
            target = await UdpTransportTarget.create((address, port))
            for column in columns:
                walk = bulk_walk_cmd(
                    engine,
                    CommunityData(community, mpModel=1),
                    target,
                    ContextData(),
                    0,
                    REPETITIONS,
                    ObjectType(ObjectIdentity(column)),
                    lexicographicMode=False,
                    lookupMib=False,
                )
                async for indication, status, _, varbinds in walk:
                    if indication or status:
                        raise EngineFault(f"pysnmp could not walk {column} of {address}: {indication or status}")
                    count += len(varbinds)
        return count

    try:
        return sum(await asyncio.gather(*(one(address) for address in addresses)))
    finally:
        engine.close_dispatcher()
