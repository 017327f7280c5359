"""What an edge is given of the inventory, and what is left to the local collector."""

from wardwatch.inventory.directory import Directory
from wardwatch.inventory.zones import reduced_to, without_zones
from wardwatch.model.inventory import (
    Circuit,
    Credential,
    Device,
    DeviceRole,
    Inventory,
    Link,
    Service,
    Site,
    Unit,
    Zone,
)


def device(name: str, zone: str, site: str, credential: str) -> Device:
    return Device(name, name, DeviceRole.ROUTER, "u", site, zone, f"10.0.0.{len(name)}", credential=credential)


CITY = Inventory(
    units={"u": Unit("u", "Phường", "ward", "1", networks=("10.9.0.0/16",))},
    zones={"dc": Zone("dc", "TTDL"), "gl": Zone("gl", "Gia Lâm")},
    sites={"s1": Site("s1", "DC", "u"), "s2": Site("s2", "GL", "u")},
    credentials={"c1": Credential("c1", "snmp-v2c", "secret://dc"), "c2": Credential("c2", "snmp-v2c", "secret://gl")},
    devices={"core": device("core", "dc", "s1", "c1"), "gl": device("gl", "gl", "s2", "c2")},
    circuits={"k": Circuit("k", "WAN", "VNPT", "1")},
    links={"l": Link("l", "core", "gl", circuit="k")},
    services={"portal": Service("portal", "Cổng", "core-database", "u", devices=("core",), addresses=("10.1.1.1",))},
)


def test_an_edge_gets_its_own_devices_and_nobody_elses_secrets() -> None:
    part = reduced_to(CITY, "gl")
    assert (list(part.devices), list(part.sites), list(part.credentials)) == (["gl"], ["s2"], ["c2"])
    assert (part.links, part.circuits) == ({}, {})
    assert part.services["portal"].devices == ()


def test_an_edge_knows_whose_every_address_of_the_city_is() -> None:
    directory = Directory(reduced_to(CITY, "gl"))
    ward, portal = directory.locate("10.9.1.1"), directory.locate("10.1.1.1")
    assert ward is not None
    assert ward.unit == "u"
    assert portal is not None
    assert portal.service == "portal"


def test_the_local_collector_keeps_what_nobody_claims() -> None:
    assert list(without_zones(CITY, ("gl",)).devices) == ["core"]
    assert without_zones(CITY, ()) is CITY
