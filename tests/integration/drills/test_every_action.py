"""Every action of packets, as the real Suricata reads it: its parsers tell of it, and nothing of it is malformed."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drills.generators.catalogue import ACTIONS
from drills.packets import EPOCH, Bounds, DrillCapture, PlannedAction, generate
from drills.sensor import SensorSettings, SuricataSensor

pytestmark = pytest.mark.anyio
HOSTS = {"a": "10.10.30.25", "b": "10.10.1.10", "c": "203.0.113.7", "d": "203.0.113.8", "x": "198.51.100.5"}
BOUNDS = Bounds(("10.10.0.0/16", "203.0.113.0/24", "198.51.100.0/24"), max_pps=3000, max_duration_s=7200)
FLOOD = {"sources": ["c", "d"], "dst": "b", "rate": 50, "seconds": 2}
AB: dict[str, Any] = {"src": "a", "dst": "b"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "address_sweep": {"src": "a", "targets": ["b", "c"]},
    "arp_spoof": {"src": "x", "dst": "a", "gateway": "b"},
    "browse": AB,
    "dns_tunnel": AB,
    "generated_names": {**AB, "count": 10},
    "http_beacon": {**AB, "count": 3},
    "http_exfiltration": AB,
    "http_flood": FLOOD,
    "http_request": {**AB, "uri": "/"},
    "rogue_dhcp": AB,
    "silence": {},
    "smb_encryption": {**AB, "count": 5},
    "smb_session": {**AB, "files": ["PSEXESVC.exe"]},
    "smtp_message": AB,
    "snmp_guessing": {**AB, "count": 5},
    "ssh_attempts": {**AB, "count": 5},
    "syn_flood": FLOOD,
    "tcp_scan": {**AB, "ports": "1-20"},
    "tls_beacon": {**AB, "count": 2, "subject": "Drill Server"},
    "tls_session": AB,
    "udp_flood": FLOOD,
}


def made(path: Path) -> DrillCapture:
    actions = [PlannedAction(name, name, 100.0 * at, HOSTS, PARAMETERS[name]) for at, name in enumerate(ACTIONS)]
    return generate(actions, BOUNDS, 3, EPOCH, path, canary=True)


async def test_every_action_is_what_the_sensors_parsers_say(tmp_path: Path) -> None:
    capture = made(tmp_path / "1.pcap")
    assert capture.sha256 == made(tmp_path / "2.pcap").sha256
    assert set(capture.injects) | {"silence"} == set(PARAMETERS) == set(ACTIONS)
    async with SuricataSensor(SensorSettings()) as sensor:
        eve = await sensor.replay(capture.path, tmp_path)
    records = [json.loads(line) for line in eve.read_text(encoding="utf-8").splitlines()]
    kinds = Counter(record["event_type"] for record in records)
    assert {kind: kinds[kind] for kind in ("ssh", "snmp", "dhcp", "tls")} == {"ssh": 5, "snmp": 5, "dhcp": 6, "tls": 3}
    mails = [
        record["email"]["attachment"] for record in records if record["event_type"] == "smtp" and "email" in record
    ]
    assert mails == [["Cong-van-hoa-toc.docm"]]
    files = {record["smb"].get("filename", "") for record in records if record["event_type"] == "smb"}
    assert {"PSEXESVC.exe", "HOW_TO_RESTORE_FILES.txt"} < files
    assert sum(name.endswith(".locked") for name in files) == 5
    assert {record["tls"]["subject"] for record in records if "tls" in record} == {
        "CN=Drill Server",
        "CN=c2.drill.test",
    }
    # A server that speaks first is one-sided to the protocol's detection until the client has spoken.
    strange = {record["anomaly"]["event"] for record in records if record["event_type"] == "anomaly"}
    assert strange <= {"APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION"}


def test_own_segments_are_those_of_scapy() -> None:
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether

    from drills.generators.segment import mac, tcp_frame

    ends = ("10.1.1.1", "203.0.113.9")
    for flags, payload in (("S", b""), ("PA", b"abc"), ("FA", b"\xff" * 1400)):
        packet = Ether(src=mac(ends[0]), dst=mac(ends[1])) / IP(src=ends[0], dst=ends[1], id=77, ttl=64)
        packet /= TCP(sport=40000, dport=443, flags=flags, seq=2**32 - 1, ack=2**31, window=64240)
        assert tcp_frame(ends, 77, (40000, 443), flags, (2**32 - 1, 2**31), payload) == bytes(packet / payload)
