"""A collector in a district, as its operator runs it: work moves to it, its line is cut, its token is revoked."""

import json
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

from wardwatch.model.access import Scope
from wardwatch.secrets import write_secrets

ALL = Scope.everything()
LINES = 40
RULE = "alert tcp any any -> any any (sid:1;)\n"


def polled_at(centre: Any, device: str) -> datetime | None:
    facts = centre.state.devices.facts(ALL, device, "system")
    return facts.at if facts else None


def waiting(folder: Path) -> int:
    return len(list((folder / "journal" / "collect").glob("*.batch")))


def acknowledged(folder: Path) -> int:
    mark = folder / "journal" / "collect" / "acknowledged"
    return int(mark.read_text().split()[2]) if mark.exists() else 0


def write_events(folder: Path) -> None:
    """What the district's Suricata would write."""
    folder.mkdir(exist_ok=True)
    line = '{"timestamp":"2026-01-02T03:04:05.000006+0700","event_type":"dns","src_ip":"10.0.0.1"}\n'
    with (folder / "eve.json").open("a", encoding="ascii") as file:
        file.write(line * LINES)


def send_events(folder: Path) -> None:
    """What a Suricata with `filetype: unix_stream` would write; it exists nowhere else."""
    line = '{"timestamp":"2026-01-02T03:04:05.000006+0700","event_type":"dns","src_ip":"10.0.0.2"}\n'
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sensor:
        sensor.connect(str(folder / "eve.sock"))
        sensor.sendall((line * LINES).encode())


def journaled(folder: Path) -> int:
    return len(list((folder / "journal" / "eve").glob("*.batch")))


def stored(centre: Any) -> int:
    ended = centre.wardwatch("events", "count", "--by", "event.module", "--data", "core", "--json")
    counts: dict[str, int] = json.loads(ended.stdout)
    return counts.get("suricata", 0)


def listed(centre: Any) -> dict[str, Any]:
    ended = centre.wardwatch("edge", "list", "--data", "core", "--json")
    return {edge["name"]: edge for edge in json.loads(ended.stdout)}


def test_a_district_is_polled_by_its_own_collector_whatever_its_line_does(centre: Any, until: Any) -> None:
    token = centre.add_edge("gialam", "gialam")
    centre.data.rules.mkdir()
    (centre.data.rules / "city.rules").write_text(RULE)
    local = centre.start("local", "collect", "--data", "core", "--interval", "5")
    district, eve = centre.folder / "district", centre.folder / "eve"
    write_events(eve)
    edge = centre.collect("district", "gialam", token, "--eve", "eve")
    until(lambda: all(polled_at(centre, device) for device in ("dc-1", "dc-2", "gl-1", "gl-2")))
    assert "devices=2" in centre.said("local")
    assert "devices=2" in centre.said("district")
    assert "dc-1" not in (district / "inventory.kept").read_bytes().decode("latin-1")
    assert listed(centre)["gialam"]["last_seen_at"] is not None
    until(lambda: stored(centre) == LINES)
    until(lambda: (district / "sensor" / "suricata.rules").exists())
    assert (district / "sensor" / "suricata.rules").read_text() == RULE
    until(lambda: centre.hears("gialam", "rules"))

    # The line is cut: readings wait on the edge's disk; it starts again without its line, and polls on.
    centre.wire.cut()
    write_events(eve)
    send_events(district / "eve")
    until(lambda: journaled(district) >= 1)
    second = centre.collect("district", "gialam", token)
    until(lambda: waiting(district) >= 1)
    assert second.wait(20) == 2, "two would give the same numbers to different batches"
    edge.kill()
    edge.wait()
    before = waiting(district)
    edge = centre.collect("district", "gialam", token, "--eve", "eve")
    until(lambda: waiting(district) > before)
    assert "its last inventory holds" in centre.said("district")
    last_of_cut = max(int(path.stem) for path in (district / "journal" / "collect").glob("*.batch"))
    centre.wire.mend()
    until(lambda: acknowledged(district) >= last_of_cut)
    until(lambda: stored(centre) >= 3 * LINES)
    assert stored(centre) == 3 * LINES
    assert journaled(district) == 0
    for part in ("eve", "eve_socket", "eve_journal", "journal", "polling"):
        until(lambda part=part: centre.hears("gialam", part))

    # The token is revoked: nothing more is taken, and what is read waits at the edge; the work comes back.
    assert centre.wardwatch("edge", "revoke", "gialam", "--data", "core").returncode == 0
    until(lambda: "no edge has this token" in centre.said("district"))
    reached = acknowledged(district)
    until(lambda: "devices=4 added=2" in centre.said("local"))
    until(lambda: waiting(district) >= 1)
    assert acknowledged(district) == reached
    assert edge.poll() is None
    assert local.poll() is None
    edge.kill()


def test_a_token_of_another_zone_polls_nothing(centre: Any) -> None:
    token = centre.add_edge("socson", "socson")
    edge = centre.collect("wrong", "dc", token)
    assert edge.wait(20) == 2
    assert "--zone dc: the token is for the zone socson" in centre.said("wrong")


def test_an_edge_trusts_only_authorities_that_it_knows(centre: Any, until: Any) -> None:
    write_secrets(centre.folder / "distrust" / "secrets", {"token": "t"})
    to_core = ("--zone", "dc", "--server", centre.url, "--token", "secret://token")
    centre.start("distrust", "collect", "--data", "distrust", *to_core)
    until(lambda: "its certificate is not trusted" in centre.said("distrust"))
