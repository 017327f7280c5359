"""A device whose syslog says that it was changed is backed up, once, and the commit says by whom."""

import json
from datetime import timedelta
from pathlib import Path

from playbooks.lab.device import FakeDevice
from playbooks.lab.server import PASSWORD, USER, Lab
from playbooks.watching import BackupWatch
from wardwatch.cli import run
from wardwatch.cli.changing import changing
from wardwatch.cli.data import open_data
from wardwatch.ecs import event_of
from wardwatch.model.queries import EventPage, EventQuery
from wardwatch.model.records import Batch, Position
from wardwatch.model.time import utc_now
from wardwatch.secrets import write_secrets

INVENTORY = """
zones: [{id: wan, name: WAN}]
units: [{id: city, name: City, kind: city, code: "1"}]
sites: [{id: hall, name: Hall, unit: city}]
devices: [{id: r1, name: R1, role: router, unit: city, site: hall, zone: wan, address: 127.0.0.1}]
"""


def test_a_change_that_syslog_tells_is_backed_up_with_its_author(tmp_path: Path) -> None:
    device = FakeDevice.of("r1", "cisco_ios", "hostname r1\n")
    data = tmp_path / "data"
    (tmp_path / "city.yaml").write_text(INVENTORY)
    assert run(["inventory", "import", str(tmp_path / "city.yaml"), "--data", str(data)]) == 0
    write_secrets(data / "secrets", {"lab": PASSWORD})
    with Lab([device]) as lab:
        (data / "playbooks").mkdir()
        rule = {"select": {"devices": ["r1"]}, "platform": "cisco_ios", "user": USER, "password": "secret://lab",
                "port": lab.ports["r1"]}  # fmt: skip
        (data / "playbooks" / "access.yaml").write_text(json.dumps({"logins": [rule]}))
        (data / "playbooks" / "known_hosts").write_text(f"[127.0.0.1]:{lab.ports['r1']} {lab.host_key}\n")

        def events(query: EventQuery) -> EventPage:
            with open_data(data) as opened:
                return opened.events(query)

        watch = BackupWatch(tmp_path / "followed", events, utc_now)
        assert watch.changed(changing(data)) == [], "nobody said anything yet"
        assert [each.changed for each in watch.all(changing(data))] == [True]

        device.running.add("ntp server 10.0.0.9")
        told(data)
        assert [(each.device, each.changed) for each in watch.changed(changing(data))] == [("r1", True)]
        parts = changing(data)
        assert parts.vault.versions("r1")[0].message == "hoa: changed by hoa, said its syslog"
        logins = device.logins
        assert watch.changed(parts) == []
        assert device.logins == logins, "an event is followed once"


def told(data: Path) -> None:
    """The event of a message of this device, a minute old."""
    at = utc_now() - timedelta(minutes=1)
    document = {
        "event": {"kind": "event", "dataset": "syslog.cisco", "action": "configuration-changed"},
        "@timestamp": at.isoformat(),
        "observer": {"name": "r1", "ip": "127.0.0.1"},
        "user": {"name": "hoa<"},
        "message": "%SYS-5-CONFIG_I: Configured from console by hoa on vty0",
    }
    with open_data(data) as opened:
        opened.append(Batch("local", "e", 1, events=(event_of(Position("s", 0), at, ("city",), document, "x"),)))
