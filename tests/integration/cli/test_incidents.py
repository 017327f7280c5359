"""`wardwatch incidents` on the state store of an installation."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from wardwatch.cli import run
from wardwatch.installation import read_installation
from wardwatch.model.access import Actor
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.state import User
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder

ACTOR = Actor.system("test")


def incident(name: str, severity: Severity, minutes_ago: float) -> Incident:
    at = utc_now() - timedelta(minutes=minutes_ago)
    title = Words(f"Sự cố {name}", f"Incident {name}")
    nothing: tuple[str, ...] = ()
    parts = (nothing, nothing, nothing, nothing)
    return Incident(name, 0, "default", title, IncidentState.OPEN, severity, None, *parts, at, at)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    state = read_installation(DataFolder(tmp_path)).open_state(utc_now)
    state.accounts.put_user(ACTOR, User("lan", "Nguyễn Thị Lan", "-"), [])
    for name, severity, ago in (("old", Severity.CRITICAL, 20), ("new", Severity.MEDIUM, 1)):
        state.incidents.save(ACTOR, incident(name, severity, ago), [])
    state.close()
    return tmp_path


def asked(capsys: Any, *arguments: str) -> Any:
    assert run(["incidents", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_an_incident_is_taken_given_and_closed(data: Path, capsys: Any) -> None:
    where = ["--data", str(data)]
    listed = asked(capsys, "list", *where)
    assert [(each["number"], each["late"]) for each in listed["incidents"]] == [(2, False), (1, True)]
    assert run(["incidents", "ack", "1", "--for", "lan", "--comment", "đã gọi nhà mạng", *where]) == 0
    assert run(["incidents", "assign", "2", "lan", *where]) == 0
    assert run(["incidents", "close", "2", "false_positive", *where]) == 0
    capsys.readouterr()
    shown = asked(capsys, "show", "1", *where)
    assert (shown["state"], shown["assignee"], shown["late"]) == ("acknowledged", "lan", False)
    assert [entry["detail"]["event"] for entry in shown["timeline"]] == ["assigned", "acknowledged", "commented"]
    note = asked(capsys, "handover", *where)
    assert [[each["number"] for each in note[part]] for part in ("open", "late", "opened", "closed")] == [
        [1],
        [],
        [2, 1],
        [2],
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "7"], "there is no incident 7"),
        (["assign", "1", "nobody"], "no active user 'nobody'"),
        (["close", "1", "maybe"], "maybe"),
        (["ack", "x"], "valid integer"),
    ],
)
def test_what_is_not_there_is_said(data: Path, capsys: Any, arguments: list[str], said: str) -> None:
    assert run(["incidents", *arguments, "--data", str(data)]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_that_is_none_is_the_users_fault(tmp_path: Path, capsys: Any) -> None:
    assert run(["incidents", "list", "--data", str(tmp_path / "none")]) == 2
    assert "no such data folder" in capsys.readouterr().err
