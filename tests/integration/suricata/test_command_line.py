"""`wardwatch events` as a user runs it: on a data folder alone, and on one whose core is running."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from detectors.consumer import DetectionConsumer, DetectionSettings
from wardwatch.cli import run
from wardwatch.intake import Intake
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import Inventory, Unit
from wardwatch.model.state import AlertGroupQuery, IncidentQuery
from wardwatch.model.time import utc_now
from wardwatch.records import open_records
from wardwatch.settings import DataFolder
from wardwatch.shipping import Receiver
from wardwatch.state import open_state

CASE = Path(__file__).parents[2] / "cases" / "eve-alert-sql-injection" / "input.json"
INVENTORY = Inventory(units={"ttdl": Unit("ttdl", "Trung tâm dữ liệu", "centre", "TTDL", networks=("10.1.10.0/24",))})


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Ended]


@pytest.fixture
def wardwatch(capsys: pytest.CaptureFixture[str]) -> Command:
    """`wardwatch events ...` in this process, as its entry point runs it."""

    def command(*arguments: str) -> Ended:
        code = run(["events", *arguments])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return command


def store_inventory(data: DataFolder) -> None:
    data.root.mkdir()
    state = open_state(data.state_url, utc_now)
    state.inventory.replace(Actor.system("test"), INVENTORY)
    state.close()


@contextmanager
def running_core(data: DataFolder) -> Iterator[None]:
    """A core behind its socket, as `wardwatch up` runs one."""
    state, records = open_state(data.state_url, utc_now), open_records(data.records, utc_now)
    consumer = DetectionConsumer(state, Directory(INVENTORY), DetectionSettings(), utc_now, lambda topic, said: None)
    core = Intake(records, state, consumer, lambda topic, said: None, utc_now, lambda inventory: None)
    ready, loop, left = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with Receiver(data.socket, core):
            ready.set()
            await left.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(left.set)
        thread.join()
        loop.close()
        records.close()
        state.close()


def test_map_prints_documents_in_order_and_names_bad_lines(tmp_path: Path, wardwatch: Command) -> None:
    file = tmp_path / "eve.json"
    record = '{"timestamp":"2026-01-01T00:00:00Z","event_type":"%s"}'
    file.write_text("\n".join([record % "dns", "broken", record % "Lạ"]) + "\n", encoding="utf-8")
    ended = wardwatch("map", str(file))
    assert ended.returncode == 2
    documents = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [document["event"]["dataset"] for document in documents] == ["suricata.dns", "suricata.Lạ"]
    assert documents[0]["event"]["original"] == record % "dns"
    assert ended.stderr.startswith(f"{file}:2: the line is not JSON")


def test_a_missing_file_is_the_users_fault(tmp_path: Path, wardwatch: Command) -> None:
    for verb in ("map", "import"):
        ended = wardwatch(verb, str(tmp_path / "none.json"))
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "none.json: there is no such file" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_import_enriches_detects_and_stores_once(tmp_path: Path, wardwatch: Command) -> None:
    data = DataFolder(tmp_path / "data")
    store_inventory(data)
    arguments = ("import", str(CASE), "--data", str(data.root), "--json")
    first, second = wardwatch(*arguments), wardwatch(*arguments)
    counts = {name: json.loads(first.stdout)[name] for name in ("read", "stored", "duplicates", "rejected")}
    assert counts == {"read": 1, "stored": 1, "duplicates": 0, "rejected": 0}, first.stderr
    assert json.loads(second.stdout)["stored"] == 0
    counted = wardwatch("count", "--by", "wardwatch.destination.unit", "--data", str(data.root), "--json")
    assert json.loads(counted.stdout) == {"ttdl": 1}
    early = ("--from", "2025-01-01T00:00:00Z", "--to", "2025-06-01T00:00:00Z", "--json")
    assert json.loads(wardwatch("count", "--by", "rule.id", "--data", str(data.root), *early).stdout) == {}
    state = open_state(data.state_url, utc_now)
    (group,) = state.alert_groups.groups(Scope.everything(), AlertGroupQuery()).items
    (incident,) = state.incidents.incidents(Scope.everything(), IncidentQuery()).items
    state.close()
    assert (group.unit, group.count, group.technique) == ("ttdl", 1, "T1190")
    assert group.incident == incident.id
    assert group.first_seen == datetime.fromisoformat("2026-01-01T01:00:00.0042+00:00")


def test_a_running_core_is_asked_through_its_socket(tmp_path: Path, wardwatch: Command) -> None:
    data = DataFolder(tmp_path / "data")
    store_inventory(data)
    with running_core(data):
        imported = wardwatch("import", str(CASE), "--data", str(data.root), "--json")
        counted = wardwatch("count", "--by", "network.direction", "--data", str(data.root), "--json")
    assert json.loads(imported.stdout)["stored"] == 1, imported.stderr
    assert json.loads(counted.stdout) == {"inbound": 1}
