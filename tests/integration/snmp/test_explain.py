"""`wardwatch snmp explain` against the real snmpd: each mistake has its own verdict."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from collectors.snmp.explain.verdicts import MEANINGS
from tests.integration.snmp.conftest import COMMUNITY, Agent, free_port
from wardwatch.cli.snmp import app

AUTH, PRIVACY = ("--auth-key", "authpassword"), ("--privacy-key", "privpassword")
WATCHER = ("--user", "watcher", *AUTH, *PRIVACY)


def explained(address: str, *words: str) -> tuple[int, dict[str, object]]:
    run = CliRunner().invoke(app, ["explain", address, "--json", "--timeout", "0.2", "--attempts", "1", *words])
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    return run.exit_code, json.loads(run.stdout)


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("--community", COMMUNITY), "ok"),
        (("--community", COMMUNITY, "--version", "1"), "ok"),
        (("--community", "guess"), "community"),
        ((), "alive"),
        (WATCHER, "ok"),
        (("--user", "reader", "--auth-protocol", "sha", *AUTH), "ok"),
        (("--user", "nobody", *AUTH, *PRIVACY), "user"),
        (("--user", "watcher", "--auth-key", "wrongpassword", *PRIVACY), "authentication"),
        ((*WATCHER, "--auth-protocol", "md5"), "authentication_protocol"),
        (("--user", "watcher", *AUTH, "--privacy-key", "wrongpassword"), "privacy"),
        ((*WATCHER, "--privacy-protocol", "des"), "privacy_protocol"),
        ((*WATCHER, "--privacy-protocol", "aes256"), "privacy_protocol"),
        (("--user", "sha-aes256", "--auth-protocol", "sha", *AUTH, *PRIVACY), "privacy_protocol"),
        (("--user", "sha-aes256c", "--auth-protocol", "sha", *AUTH, *PRIVACY, "--privacy-protocol", "aes256c"), "ok"),
        (("--user", "reader", "--auth-protocol", "sha", *AUTH, *PRIVACY), "level"),
        (("--user", "stranger", "--auth-protocol", "sha", *AUTH, *PRIVACY), "access"),
        (("--user", "watcher", *AUTH), "access"),
        (("--user", "blinkered", "--auth-protocol", "sha", *AUTH), "view"),
    ],
)
def test_each_mistake_has_its_verdict(snmpd: Agent, words: tuple[str, ...], verdict: str) -> None:
    code, found = explained(f"127.0.0.1:{snmpd.port}", *words)
    assert found["verdict"] == verdict, found["steps"]
    assert code == (0 if verdict in {"ok", "alive"} else 1)


def test_a_right_password_with_a_wrong_protocol_names_the_right_one(snmpd: Agent) -> None:
    _, found = explained(f"127.0.0.1:{snmpd.port}", *WATCHER, "--privacy-protocol", "des")
    assert "aes128" in str(found["advice"])


def test_a_closed_port_is_a_host_without_an_agent() -> None:
    assert explained(f"127.0.0.1:{free_port()}", "--community", "x")[1]["verdict"] == "closed"


def test_who_is_silent_to_everything_may_have_many_reasons() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        code, found = explained(address, "--community", "x")
        assert (code, found["verdict"], found["certain"]) == (1, "silent", False)
        assert explained(address, *WATCHER)[1]["verdict"] == "no_v3"


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """Somebody who answers everything in the same way."""
    script = (
        "import socket,sys\n"
        "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind(('127.0.0.1',0));print(s.getsockname()[1],flush=True)\n"
        "while True:\n d,p=s.recvfrom(9999);s.sendto(bytes.fromhex(sys.argv[1]),p)\n"
    )
    words = [sys.executable, "-c", script, reply.hex()]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def test_what_speaks_no_snmp_is_called_so() -> None:
    with answering(b"HTTP/1.1 400 Bad Request") as port:
        assert explained(f"127.0.0.1:{port}", "--community", "x")[1]["verdict"] == "not_snmp"
        assert explained(f"127.0.0.1:{port}", *WATCHER)[1]["verdict"] == "not_snmp"


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace, which only root may do")
def test_a_dead_host_and_a_refused_one_are_told_apart() -> None:
    name = f"wwexplain{os.getpid()}"
    inside = ["ip", "netns", "exec", name]
    script = (
        "ip link set lo up; ip link add v0 type veth peer name v1; ip address add 198.51.100.1/24 dev v0;"
        "ip link set v0 up; ip link set v1 up; ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent;"
        "ip route add prohibit 203.0.113.0/24; ip route add unreachable 192.0.2.0/24"
    )
    wardwatch = [sys.executable, "-m", "wardwatch", "snmp", "explain"]
    brief = ["--community", "x", "--timeout", "0.3", "--attempts", "1", "--json"]
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run([*inside, "sh", "-c", script], check=True)
        verdicts = {}
        for address in ("198.51.100.9", "203.0.113.1", "192.0.2.1"):
            run = subprocess.run([*inside, *wardwatch, address, *brief], capture_output=True, text=True, check=False)
            assert run.returncode == 1, run.stderr
            verdicts[address] = json.loads(run.stdout)["verdict"]
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=False)
    assert verdicts == {"198.51.100.9": "dead", "203.0.113.1": "prohibited", "192.0.2.1": "unreachable"}


@pytest.mark.parametrize(
    "words",
    [
        ("127.0.0.1:70000",),
        ("127.0.0.1", "--community", "x", "--user", "y"),
        ("127.0.0.1", "--user", "x", "--auth-key", "short"),
        ("127.0.0.1", "--user", "x", "--auth-key", "longenough", "--auth-protocol", "md6"),
        ("127.0.0.1", "--community", "x", "--version", "3"),
    ],
)
def test_a_wrong_question_is_the_askers_fault(words: tuple[str, ...]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "wardwatch", "snmp", "explain", *words], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "Traceback" not in run.stderr


def test_words_come_in_both_languages(snmpd: Agent) -> None:
    words = ["explain", f"127.0.0.1:{snmpd.port}", "--community", "guess", "--timeout", "0.3", "--attempts", "1"]
    vietnamese = CliRunner().invoke(app, [*words, "--language", "vi"]).stdout
    assert "Nguyên nhân" in vietnamese
    assert "danh sách truy cập" in vietnamese
    assert "access list" in CliRunner().invoke(app, words).stdout
    assert all(meaning.cause.vi and meaning.advice.en for meaning in MEANINGS.values())
