"""Columns of an SNMPv3 context (RFC 3411 section 3.3.1), which the fast client has not: walked by pysnmp.

A Cisco switch keeps the table of each VLAN in a context `vlan-N`. pysnmp costs some fifty times what the fast client
does, so nothing else is asked this way.
"""

import asyncio
from typing import Any

from gufo.snmp import ValueType
from pysnmp.hlapi.v3arch.asyncio import (
    USM_KEY_TYPE_MASTER,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    Udp6TransportTarget,
    UdpTransportTarget,
    UsmUserData,
    bulk_walk_cmd,
)

from collectors.snmp.credentials import SecretResolver
from collectors.snmp.oids import Column
from collectors.snmp.session import Endpoint
from collectors.traps.v3_users import V3Keyring, V3User
from wardwatch.errors import SystemFault
from wardwatch.model.inventory import Credential

REPETITIONS = 25


class ContextWalker:
    """Walks columns in contexts; needs a running event loop. `close` ends what it holds."""

    def __init__(self, resolve: SecretResolver, timeout_s: float = 3.0, deadline_s: float = 30.0) -> None:
        self._keyring = V3Keyring(resolve)
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._engine: Any = None

    def user(self, credential: Credential) -> V3User | None:
        """The user of a credential; None for one that is not of SNMPv3 or does not authenticate."""
        return next(iter(self._keyring.users({credential.id: credential})), None)

    async def walk(self, to: Endpoint, user: V3User, context: str, column: Column, limit: int) -> dict[str, ValueType]:
        """The rows of a column, `limit` at most. Raises `SystemFault` where the agent refuses or is silent."""
        if self._engine is None:
            self._engine = SnmpEngine()
        kind = Udp6TransportTarget if ":" in to.address else UdpTransportTarget
        target = await kind.create((to.address, to.port), timeout=self._timeout_s, retries=1)
        walk: Any = bulk_walk_cmd(
            self._engine,
            _login(user),
            target,
            ContextData(contextName=context.encode()),
            0,
            REPETITIONS,
            ObjectType(ObjectIdentity(column.oid)),
            lexicographicMode=False,
            lookupMib=False,
        )
        found: dict[str, ValueType] = {}
        try:
            async with asyncio.timeout(self._deadline_s):
                async for wrong, status, _, varbinds in walk:
                    if wrong or status:
                        raise SystemFault(f"{to} tells nothing of {context}: {wrong or status}")
                    for name, value in varbinds:
                        found[str(name)[len(column.oid) + 1 :]] = _plain(value)
                    if len(found) >= limit:
                        break
        except TimeoutError:
            raise SystemFault(f"{to} was given up at {column.name} of {context}") from None
        return found

    def close(self) -> None:
        """Ends the engine; secrets are read anew afterwards."""
        if self._engine is not None:
            self._engine.close_dispatcher()
            self._engine = None


def _login(user: V3User) -> Any:
    return UsmUserData(
        user.name,
        authKey=user.auth_key,
        privKey=user.privacy_key,
        authProtocol=user.auth_protocol,
        privProtocol=user.privacy_protocol,
        authKeyType=USM_KEY_TYPE_MASTER,
        privKeyType=USM_KEY_TYPE_MASTER,
    )


def _plain(value: Any) -> ValueType:
    """A number, or the octets of anything else."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return bytes(value)
