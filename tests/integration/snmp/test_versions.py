"""Each way to log in, against the real snmpd: v1, v2c, and v3 with every pair of its algorithms."""

import asyncio
from collections.abc import Iterable

import pytest

from collectors.snmp.poll import Poller, PollSettings, Target
from collectors.snmp.session import SessionSettings
from tests.integration.snmp.conftest import AUTHENTICATIONS, COMMUNITY, PRIVACIES, Agent
from wardwatch.model.inventory import Credential
from wardwatch.model.records import Outcome, PollOutcome
from wardwatch.model.time import utc_now

QUICK = PollSettings(session=SessionSettings(timeout_s=1.0, attempts=2))


def outcomes(agent: Agent, credentials: Iterable[Credential]) -> list[PollOutcome]:
    async def poll() -> list[PollOutcome]:
        poller = Poller(QUICK, lambda secret: secret, utc_now)
        targets = [Target(c.id, "u", "s", agent.address, agent.port, c) for c in credentials]
        return [reading.outcome for reading in [await poller.poll_device(target, None) for target in targets]]

    return asyncio.run(poll())


@pytest.mark.parametrize("signing", AUTHENTICATIONS)
def test_every_pair_of_algorithms_is_spoken_as_the_real_agent_does(snmpd: Agent, signing: str) -> None:
    credentials = [
        Credential(
            hiding,
            "snmp-v3",
            user=f"{signing}-{hiding}",
            auth_protocol=signing,
            auth_key="authpassword",
            privacy_protocol=hiding,
            privacy_key="privpassword",
        )
        for hiding in PRIVACIES
    ]
    found = outcomes(snmpd, credentials)
    assert {poll.device: poll.outcome for poll in found} == dict.fromkeys(PRIVACIES, Outcome.OK), found


def test_the_oldest_version_is_read_to_the_same_ports(snmpd: Agent) -> None:
    old, newer = outcomes(snmpd, [Credential("v1", "snmp-v1", community=COMMUNITY), snmpd.v2c])
    assert old.outcome is Outcome.OK, old.detail
    assert old.varbinds > 20
    assert newer.outcome is Outcome.OK
