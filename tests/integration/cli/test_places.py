"""Folders, ports and programs that cannot be used: a sentence, the right exit code, and nothing left behind."""

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]
DRILL = ("drill", "run", "web-attack-one-stop-portal", "--offline", "--seed", "7")


@pytest.mark.parametrize(
    "arguments",
    [
        (*DRILL, "--data", "file"),
        ("up", "--data", "file"),
        ("events", "count", "--by", "event.dataset", "--data", "file"),
        ("inventory", "show", "--data", "file"),
    ],
)
def test_a_file_is_no_data_folder(arguments: tuple[str, ...], tmp_path: Path, wardwatch: Command) -> None:
    (tmp_path / "file").write_text("mine")
    ended = wardwatch(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "file" in ended.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_port_in_use_and_an_address_of_another_machine_are_told_apart(wardwatch: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = wardwatch("up", "--data", "data", "--listen", f"127.0.0.1:{port}")
        assert ended.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ended.stderr
    ended = wardwatch("up", "--data", "data", "--listen", "203.0.113.5:8080")
    assert ended.returncode == 2
    assert "Cannot assign requested address" in ended.stderr


def test_a_path_too_long_for_the_socket_is_refused_at_once(wardwatch: Command) -> None:
    ended = wardwatch("up", "--data", "d" * 200)
    assert ended.returncode == 2
    assert "too long for a socket" in ended.stderr


def test_a_drill_without_suricata_says_what_to_install(tmp_path: Path, wardwatch: Command) -> None:
    ended = wardwatch(*DRILL, "--json", path=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "suricata is not installed" in ended.stderr


def test_a_drill_prints_the_published_shape_and_nothing_else(wardwatch: Command) -> None:
    ended = wardwatch(*DRILL, "--json", "--data", "data")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["seed"], told["false_positives"], len(told["sha256"])) == (7, 0, 64)
    assert 0 <= told["score"] <= 1
    keys = {"id", "kind", "technique", "status", "time_to_detect_s", "credit"}
    assert all(keys <= expectation.keys() for expectation in told["expectations"])
    again = json.loads(wardwatch(*DRILL, "--json").stdout)
    assert again["sha256"] == told["sha256"]


def test_doctor_speaks_json_alone(wardwatch: Command) -> None:
    ended = wardwatch("doctor", "--data", "data", "--json")
    assert ended.returncode in (0, 1)
    assert {"subject", "verdict", "found", "advice"} == set(json.loads(ended.stdout)[0])


def test_doctor_looks_at_the_settings_and_asks_the_engines_they_name(wardwatch: Command, tmp_path: Path) -> None:
    data = tmp_path / "large"
    data.mkdir()
    settings = data / "settings.yaml"

    def found() -> dict[str, dict[str, str]]:
        ended = wardwatch("doctor", "--data", str(data), "--json")
        return {each["subject"]: each for each in json.loads(ended.stdout)}

    assert found()["settings"]["verdict"] == "ok"
    settings.write_text("records: {engine: elasticserch}\n")
    assert found()["settings"]["verdict"] == "missing"
    assert "settings.yaml:1" in found()["settings"]["found"]
    settings.write_text(
        "records: {engine: elasticsearch, urls: ['http://127.0.0.1:1']}\n"
        "state: {url: 'postgresql+psycopg://nobody@127.0.0.1:1/none'}\n"
    )
    engines = found()
    assert "no node answers" in engines["elasticsearch"]["found"]
    assert engines["postgresql"]["verdict"] == "missing"
    assert engines["postgresql"]["advice"]
