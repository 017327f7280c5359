"""Discovery and topology over HTTP: who sees and decides what, once, upon which version; links with load and hosts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from api.app import create_app
from api.drill_results import FolderDrillResults
from api.settings import ApiSettings
from api.stream import LiveHub
from wardwatch.discovery.gathering import gather
from wardwatch.discovery.known import Known
from wardwatch.discovery.proposals import Proposer
from wardwatch.model.access import Actor, Role, Scope
from wardwatch.model.discovery import Heard, Way
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Link, Site, Unit, Zone
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import Batch, SampleBlock
from wardwatch.model.state import Grant, User
from wardwatch.model.time import utc_now
from wardwatch.model.topology import Evidence, Found, FoundLink, LinkEnd, Proof, RedundancyGroup, Sighting
from wardwatch.ports import StateStore
from wardwatch.records import open_records
from wardwatch.state import open_state

ACTOR = Actor.system("test")
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "mật khẩu dài"
USERS = {"all": (Role.ENGINEER, None), "ward": (Role.ENGINEER, "an-phu"), "reader": (Role.VIEWER, "an-phu")}
Client = Any


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", utc_now)
    store.inventory.replace(ACTOR, _inventory())
    for name, (role, unit) in USERS.items():
        store.accounts.put_user(ACTOR, User(name, name, HASHER.hash(PASSWORD)), [Grant(name, role, unit)])
    known = Known(_inventory(), ())
    heard = [
        Heard("10.1.1.9", utc_now(), Way.SWEEP, "10.1.1.0/24", credential="read", name="sw2", serial="S123456"),
        Heard("10.1.2.9", utc_now(), Way.SWEEP, "10.1.2.0/24", credential="read", name="secret-sw9"),
    ]
    found = gather(heard, {}, known, Proposer(known))
    store.discovery.save(ACTOR, found.candidates)
    yield store
    store.close()


@pytest.fixture
def app(state: StateStore, tmp_path: Path) -> Iterator[Any]:
    records = open_records(tmp_path / "records", utc_now)
    columns: dict[str, tuple[float | None, ...]] = dict.fromkeys(MEASUREMENTS["interface"].columns, (7.0,))
    records.append(
        ACTOR, Batch("e", "1", 1, blocks=(SampleBlock("interface", "rt", "an-phu", utc_now(), ("3",), columns),))
    )
    registry = CollectorRegistry()
    yield create_app(
        ApiSettings(),
        state,
        records,
        LiveHub(utc_now, registry),
        utc_now,
        registry,
        FolderDrillResults(tmp_path),
        hasher=HASHER,
    )
    records.close()


def login(app: Any, user: str) -> TestClient:
    client = TestClient(app, headers={"x-requested-with": "wardwatch"})
    answer = client.post("/api/v1/session", json={"username": user, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return client


def _inventory() -> Inventory:
    def device(name: str, unit: str, address: str, role: DeviceRole = DeviceRole.ROUTER) -> Device:
        return Device(name, name, role, unit, f"site-{unit}", "wan", address, credential="read")

    units = [
        Unit("city", "City", "city", "01"),
        Unit("an-phu", "An Phú", "ward", "02", "city", networks=("10.1.1.0/24",)),
        Unit("secret-ward", "secret", "ward", "03", "city", networks=("10.1.2.0/24",)),
    ]
    devices = [
        device("rt", "an-phu", "10.1.1.1"),
        device("sw", "an-phu", "10.1.1.2", DeviceRole.ACCESS_SWITCH),
        device("secret-rt", "secret-ward", "10.1.2.1"),
    ]
    return Inventory(
        units={each.id: each for each in units},
        zones={"wan": Zone("wan", "WAN", networks=("10.1.0.0/16",))},
        sites={f"site-{unit.id}": Site(f"site-{unit.id}", unit.name, unit.id) for unit in units},
        credentials={"read": Credential("read", "snmp-v2c", community="secret://ro")},
        devices={each.id: each for each in devices},
        links={"l-1": Link("l-1", "rt", "sw", "Gi0/1", "Gi0/9")},
    )


def the_candidate(client: TestClient) -> dict[str, Any]:
    (found,) = client.get("/api/v1/discovery/candidates", params={"state": "new", "unit": "an-phu"}).json()["items"]
    return dict(found)


def test_candidates_are_seen_by_unit(app: Any) -> None:
    mine = login(app, "reader").get("/api/v1/discovery/candidates").json()
    assert [each["address"] for each in mine["items"]] == ["10.1.1.9"]
    assert "secret" not in str(mine)
    whole = login(app, "all")
    assert whole.get("/api/v1/discovery/candidates").json()["total"] == 2
    (other,) = whole.get("/api/v1/discovery/candidates", params={"unit": "secret-ward"}).json()["items"]
    assert login(app, "ward").get(f"/api/v1/discovery/candidates/{other['id']}").status_code == 404


def test_an_accepted_candidate_is_a_device_once(app: Any, state: StateStore) -> None:
    client = login(app, "ward")
    candidate = the_candidate(client)
    at = f"/api/v1/discovery/candidates/{candidate['id']}"
    assert client.patch(at, json={"verdict": "accept"}).status_code == 428
    assert client.patch(at, json={"verdict": "accept"}, headers={"if-match": '"7"'}).status_code == 412
    headers = {"if-match": client.get(at).headers["etag"], "idempotency-key": "k"}
    body = {"verdict": "accept", "role": "access-switch", "name": "Chuyển mạch 2"}
    answers = [client.patch(at, json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert (answers[0].json()["state"], answers[0].json()["device"]["name"]) == ("accepted", "Chuyển mạch 2")
    device = state.inventory.read(Scope.everything()).devices["sw2"]
    assert (device.unit, device.site, device.zone, device.serial) == ("an-phu", "site-an-phu", "wan", "S123456")
    assert client.get("/api/v1/devices/sw2").status_code == 200
    again = client.patch(at, json={"verdict": "reject"}, headers={"if-match": '"2"'})
    assert (again.status_code, "accepted already" in again.json()["detail"]) == (422, True)


def test_only_engineers_decide_and_only_within_their_units(app: Any, state: StateStore) -> None:
    reader, ward = login(app, "reader"), login(app, "ward")
    at = f"/api/v1/discovery/candidates/{the_candidate(reader)['id']}"
    refused = reader.patch(at, json={"verdict": "reject"}, headers={"if-match": '"1"'})
    elsewhere = {"verdict": "accept", "role": "router", "unit": "secret-ward", "site": "site-secret-ward"}
    moved = ward.patch(at, json=elsewhere, headers={"if-match": '"1"'})
    merged = ward.patch(at, json={"verdict": "merge", "device": "secret-rt"}, headers={"if-match": '"1"'})
    assert [each.status_code for each in (refused, moved, merged)] == [403, 403, 403]
    assert "sw2" not in state.inventory.read(Scope.everything()).devices


def test_a_search_is_asked_for_within_the_inventorys_networks(app: Any, state: StateStore) -> None:
    def ask(client: Client, **body: Any) -> Any:
        return client.post("/api/v1/discovery/searches", json={"way": "sweep", **body})

    ward, whole = login(app, "ward"), login(app, "all")
    assert ask(login(app, "reader"), target="10.1.1.0/29").status_code == 403
    assert ask(ward, target="10.1.2.0/29").status_code == 403
    assert ask(ward, target="10.1.0.0/22").status_code == 403
    outside = ask(whole, target="192.0.2.0/29")
    assert (outside.status_code, "outside the networks" in outside.json()["detail"]) == (422, True)
    assert ask(whole, way="netbox", target="x").status_code == 422
    accepted = ask(ward, target="10.1.1.5/29")
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["target"]) == (
        202,
        "waiting",
        "10.1.1.0/29",
    )
    assert ask(whole, target="10.1.0.0/22").status_code == 202
    assert [each["target"] for each in ward.get("/api/v1/discovery/searches").json()["items"]] == ["10.1.1.0/29"]
    taken = state.searches.take(ACTOR, utc_now())
    assert taken is not None
    assert taken.asked_by == "ward"
    assert ward.get(f"/api/v1/discovery/searches/{taken.id}").json()["state"] == "running"


def _found() -> Found:
    now = utc_now()

    def link(name: str, upper: LinkEnd, lower: LinkEnd, proof: Proof, written: str | None = None) -> FoundLink:
        said = Evidence(proof, upper.device, f"{lower.device} is there", now)
        return FoundLink(name, upper, lower, 0.9, (said,), now, now, link=written)

    links = (
        link("l-1", LinkEnd("rt", "Gi0/1", "3"), LinkEnd("sw", "Gi0/9"), Proof.INVENTORY, "l-1"),
        link("rt:Gi0/2--secret-rt:g1", LinkEnd("rt", "Gi0/2", "4"), LinkEnd("secret-rt", "g1"), Proof.LLDP),
    )
    return Found(links, (RedundancyGroup("pair", ("rt", "secret-rt"), "position", "both carry secret-sw"),))


def test_the_map_has_status_load_and_source_and_hides_what_is_out_of_sight(app: Any, state: StateStore) -> None:
    state.topology.replace(ACTOR, _found())
    whole = login(app, "all").get("/api/v1/topology").json()
    assert {node["id"]: node["group"] for node in whole["nodes"]} == {"rt": "pair", "sw": None, "secret-rt": "pair"}
    loaded = next(each for each in whole["links"] if each["id"] == "l-1")
    assert (loaded["source"], loaded["load"]["down_bps"], loaded["load"]["utilisation_pct"]) == ("inventory", 7.0, 7.0)
    ward = login(app, "ward")
    mine = ward.get("/api/v1/topology").json()
    assert "secret" not in str(mine)
    assert {(each["upper"]["device"], each["lower"]["device"]) for each in mine["links"]} == {
        ("rt", "sw"),
        ("rt", None),
    }
    detail = ward.get("/api/v1/topology/links/l-1").json()
    assert [each["detail"] for each in detail["evidence"]] == ["sw is there"]
    assert ward.get("/api/v1/topology/links/none").status_code == 404


def test_hosts_are_looked_up_however_the_address_is_written(app: Any, state: StateStore) -> None:
    now = utc_now()
    hosts = [
        Sighting("00:1b:21:00:00:01", "10.1.1.50", "sw", "Gi0/3", 10, now, now),
        Sighting("00:1b:21:00:00:02", "", "secret-rt", "g2", 0, now, now),
    ]
    state.sightings.note(ACTOR, hosts)
    ward = login(app, "ward")
    for query in ({"mac": "001B.2100.0001"}, {"ip": "10.1.1.50"}, {"device": "sw", "port": "Gi0/3"}, {}):
        (found,) = ward.get("/api/v1/topology/hosts", params=query).json()["items"]
        assert (found["device"]["id"], found["port"], found["vlan"]) == ("sw", "Gi0/3", 10)
    assert ward.get("/api/v1/topology/hosts", params={"mac": "sw"}).status_code == 422
    assert login(app, "all").get("/api/v1/topology/hosts").json()["total"] == 2
