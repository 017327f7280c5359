"""net-snmp's own tools against the simulator."""

import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.snmp.simulator.faults import Fault, FaultKind, FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.model.inventory import Credential, Inventory
from wardwatch.model.time import utc_now

pytestmark = pytest.mark.skipif(shutil.which("snmpbulkwalk") is None, reason="net-snmp's tools are not installed")

Serve = Callable[..., AbstractContextManager[Simulator]]
V2C = ("-v2c", "-c", "city")


def tool(name: str, inventory: Inventory, device: str, login: tuple[str, ...], *oids: str) -> tuple[int, str]:
    found = inventory.devices[device]
    target = f"{found.address}:{found.snmp_port}"
    command = [name, *login, "-On", "-Oe", "-t", "2", "-r", "0", target, *oids]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout + done.stderr


def test_get_answers_by_type_and_says_what_is_missing(inventory: Inventory, serving: Serve) -> None:
    with serving(inventory):
        code, out = tool(
            "snmpget", inventory, "CORE", V2C, "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.9.0", "1.3.6.1.2.1.2.2.1.10.99"
        )
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == '.1.3.6.1.2.1.1.5.0 = STRING: "CORE"'
    assert "No Such Object" in lines[1]
    assert "No Such Instance" in lines[2]


@pytest.mark.parametrize("walk", ["snmpwalk", "snmpbulkwalk"])
def test_a_walk_reads_every_port_of_both_tables(inventory: Inventory, serving: Serve, walk: str) -> None:
    with serving(inventory) as simulator:
        code, out = tool(walk, inventory, "WARD-SW", V2C, "1.3.6.1.2.1.31.1.1.1.1")
        assert code == 0
        assert out.count("STRING:") == 52
        code, out = tool(walk, inventory, "WARD-SW", V2C, "1.3.6.1.2.1.31.1.1.1.18")
        assert '"to WARD-RT"' in out
    assert simulator.counts["requests"] == simulator.counts["replies"] > 4


PROTOCOLS = [
    ("MD5", "md5", "DES", "des"),
    ("SHA", "sha", "AES", "aes128"),
    ("SHA", "sha", "AES-256", "aes256"),
    ("SHA-224", "sha224", "AES", "aes128"),
    ("SHA-256", "sha256", "AES-256", "aes256"),
    ("SHA-384", "sha384", "AES-192", "aes192"),
    ("SHA-512", "sha512", "AES-256", "aes256"),
]


@pytest.mark.parametrize(("auth", "our_auth", "privacy", "our_privacy"), PROTOCOLS)
def test_v3_discovers_authenticates_and_decrypts(
    inventory: Inventory, serving: Serve, auth: str, our_auth: str, privacy: str, our_privacy: str
) -> None:
    credential = replace(inventory.credentials["v3"], auth_protocol=our_auth, privacy_protocol=our_privacy)
    login = (
        "-v3",
        "-u",
        "noc",
        "-l",
        "authPriv",
        "-a",
        auth,
        "-A",
        "authpassword",
        "-x",
        privacy,
        "-X",
        "privpassword",
    )
    with serving(replace(inventory, credentials=inventory.credentials | {"v3": credential})):
        code, out = tool("snmpbulkwalk", inventory, "WARD-RT", login, "1.3.6.1.2.1.2.2.1.2")
    assert code == 0, out
    assert out.count("GigabitEthernet0/0/") == 4


@pytest.mark.parametrize(
    ("credential", "login"),
    [
        (Credential("v3", "snmp-v3", None, "guest"), ("-v3", "-u", "guest", "-l", "noAuthNoPriv")),
        (
            Credential("v3", "snmp-v3", None, "noc", "sha", "secret://auth"),
            ("-v3", "-u", "noc", "-l", "authNoPriv", "-a", "SHA", "-A", "authpassword"),
        ),
    ],
)
def test_v3_answers_at_the_lower_levels(
    inventory: Inventory, serving: Serve, credential: Credential, login: tuple[str, ...]
) -> None:
    with serving(replace(inventory, credentials=inventory.credentials | {"v3": credential})):
        assert tool("snmpget", inventory, "WARD-RT", login, "1.3.6.1.2.1.1.5.0")[1].endswith('"WARD-RT"\n')


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (("-u", "noc", "-a", "SHA-256", "-A", "wrongpassword", "-x", "AES", "-X", "privpassword"), "Authentication"),
        (("-u", "nobody", "-a", "SHA-256", "-A", "authpassword", "-x", "AES", "-X", "privpassword"), "Unknown user"),
        (("-u", "noc", "-a", "SHA-256", "-A", "authpassword", "-x", "AES", "-X", "wrongpassword"), "Decryption error"),
    ],
)
def test_a_wrong_login_is_told_what_is_wrong(
    inventory: Inventory, serving: Serve, login: tuple[str, ...], said: str
) -> None:
    with serving(inventory):
        code, out = tool("snmpget", inventory, "WARD-RT", ("-v3", "-l", "authPriv", *login), "1.3.6.1.2.1.1.5.0")
    assert code != 0
    assert said in out


def test_a_lower_level_than_the_users_is_refused(inventory: Inventory, serving: Serve) -> None:
    login = ("-v3", "-u", "noc", "-l", "authNoPriv", "-a", "SHA-256", "-A", "authpassword")
    with serving(inventory):
        assert "authorizationError" in tool("snmpget", inventory, "WARD-RT", login, "1.3.6.1.2.1.1.5.0")[1]


def test_set_is_refused(inventory: Inventory, serving: Serve) -> None:
    with serving(inventory):
        assert "notWritable" in tool("snmpset", inventory, "CORE", V2C, "1.3.6.1.2.1.1.5.0", "s", "mine")[1]


def test_an_endless_walk_is_seen_by_a_client_that_looks(inventory: Inventory, serving: Serve) -> None:
    now = utc_now()
    fault = Fault(FaultKind.ENDLESS_WALK, "SRV", None, now - timedelta(minutes=1), now + timedelta(hours=1))
    with serving(inventory, FaultSchedule((fault,))):
        code, out = tool("snmpwalk", inventory, "SRV", V2C, "1.3.6.1.2.1.2.2")
    assert code != 0
    assert "OID not increasing" in out


def test_a_dead_router_silences_what_stands_behind_it(inventory: Inventory, serving: Serve) -> None:
    now = utc_now()
    fault = Fault(FaultKind.DEAD, "WARD-RT", None, now - timedelta(minutes=1), now + timedelta(hours=1))
    with serving(inventory, FaultSchedule((fault,))) as simulator:
        assert "Timeout" in tool("snmpget", inventory, "WARD-SW", V2C, "1.3.6.1.2.1.1.5.0")[1]
        assert simulator.counts["silent_by_fault"] == 1
        status = tool("snmpwalk", inventory, "CORE", V2C, "1.3.6.1.2.1.2.2.1.8")[1]
    assert status.count(".1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 2") == 1
