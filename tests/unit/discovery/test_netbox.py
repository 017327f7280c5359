"""NetBox's exports: pages of its API and lists as CSV, with the headings of tables and of import forms."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardwatch.discovery.netbox import read_netbox
from wardwatch.errors import DocumentError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_of_the_api_with_interfaces_and_addresses(tmp_path: Path) -> None:
    device = {
        "name": "sw-đống-đa",
        "device_type": {"manufacturer": {"name": "Huawei"}, "model": "S5720-28P"},
        "role": {"name": "Access switch", "slug": "access-switch"},
        "serial": "2102351",
        "site": {"name": "Trụ sở Đống Đa"},
        "status": {"value": "active", "label": "Active"},
        "primary_ip4": {"address": "10.1.1.9/24"},
    }
    gone = device | {"name": "old", "status": {"value": "decommissioning", "label": "Decommissioning"}}
    devices = file(tmp_path, "devices.json", json.dumps({"count": 2, "next": None, "results": [device, gone]}))
    interface = {
        "device": {"name": "sw-đống-đa"},
        "name": "GE0/0/1",
        "type": {"value": "1000base-t"},
        "mac_address": "00:11:22:AA:BB:CC",
    }
    interfaces = file(tmp_path, "interfaces.json", json.dumps([interface, interface | {"name": "GE0/0/2"}]))
    address = {"address": "10.200.1.9/32", "assigned_object": {"name": "Loopback0", "device": {"name": "sw-đống-đa"}}}
    addresses = file(
        tmp_path, "addresses.json", json.dumps([address, {"address": "10.3.3.3/24", "assigned_object": None}])
    )
    (heard,), left_out = read_netbox([devices, interfaces, addresses], NOW)
    assert (heard.name, heard.address, heard.addresses, heard.ports) == ("sw-đống-đa", "10.1.1.9", ("10.200.1.9",), 2)
    assert (heard.vendor, heard.model, heard.serial) == ("Huawei", "S5720-28P", "2102351")
    assert (heard.role, heard.place, heard.chassis) == ("Access switch", "Trụ sở Đống Đa", "00:11:22:aa:bb:cc")
    assert len(left_out) == 1
    assert "old has no IP address or is not in use" in left_out[0]


@pytest.mark.parametrize(
    "text",
    [
        "Name,Status,Site,Role,Manufacturer,Type,Serial number,IPv4 Address\n"
        "rt1,Active,City hall,Router,Cisco,ISR4331,FDO1,10.0.0.9/24\n",
        "\ufeffname;role;manufacturer;device_type;serial;status;site;primary_ip4\n"
        "rt1;Router;Cisco;ISR4331;FDO1;active;City hall;10.0.0.9/24\n",
    ],
)
def test_lists_as_csv(tmp_path: Path, text: str) -> None:
    (heard,), left_out = read_netbox([file(tmp_path, "devices.csv", text)], NOW)
    assert (heard.name, heard.address, heard.vendor, heard.model) == ("rt1", "10.0.0.9", "Cisco", "ISR4331")
    assert (heard.role, heard.place, heard.serial, left_out) == ("Router", "City hall", "FDO1", [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{broken", "is no JSON"),
        ('{"results": 3}', "neither a list of objects nor a page"),
        ("colour,weight\nred,3\n", "is no export of devices"),
        ("", "holds no devices"),
        ("device,name,type\nrt1,Gi0/0,virtual\n", "holds no devices"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    path = file(tmp_path, "x.csv", text)
    with pytest.raises(DocumentError, match=why) as refused:
        read_netbox([path], NOW)
    assert str(path) in str(refused.value)
