"""`wardwatch snmp probe` as people type it, against a real snmpd."""

import json
import socket
from typing import Any

import pytest
from typer.testing import CliRunner

from wardwatch.cli.snmp import app
from wardwatch.errors import SystemFault, UserError


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["probe", *words])


def test_json_has_the_published_shape(snmpd: Any) -> None:
    result = run(f"localhost:{snmpd.port}", "--community", snmpd.v2c.community, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["system"]["sys_name"] == "phường-đống-đa"
    assert found["poll"]["outcome"] == "ok"
    loopback = next(row for row in found["interfaces"] if row["name"] == "lo")
    assert loopback["oper"] == "up"
    assert loopback["admin"] == "up"
    assert loopback["alias"] == "lo"
    assert loopback["mtu"] == 65536


def test_people_get_a_table(snmpd: Any) -> None:
    words = ("--user", "watcher", "--auth-key", "authpassword", "--privacy-key", "privpassword")
    result = run(f"127.0.0.1:{snmpd.port}", *words)
    assert result.exit_code == 0, result.output
    assert "phường-đống-đa" in result.stdout
    header = next(line for line in result.stdout.splitlines() if line.startswith("index"))
    assert header.split() == ["index", "name", "alias", "oper", "admin", "speed_bps", "mtu", "mac"]
    for _, name in socket.if_nameindex():
        assert name in result.stdout


@pytest.mark.parametrize(
    ("words", "fault", "sentence"),
    [
        (("127.0.0.1:0", "--community", "x"), UserError, "no port"),
        (("no-such-host.invalid", "--community", "x"), UserError, "there is no host 'no-such-host.invalid'"),
        (("127.0.0.1:161",), UserError, "--community"),
        (("127.0.0.1:161", "--user", "u", "--auth-key", "short"), UserError, "shorter than 8"),
    ],
)
def test_a_wrong_question_is_the_users_fault(words: tuple[str, ...], fault: type[Exception], sentence: str) -> None:
    result = run(*words)
    assert isinstance(result.exception, fault)
    assert sentence in str(result.exception)


def test_a_silent_agent_is_a_sentence(hostile: Any) -> None:
    agent = hostile(lambda _: None)
    result = run(f"127.0.0.1:{agent.port}", "--community", "x", "--timeout", "0.1", "--attempts", "2")
    assert isinstance(result.exception, SystemFault)
    assert f"127.0.0.1:{agent.port} did not answer 2 times" in str(result.exception)
