"""The demo city: the same seed gives the same units, network and services, down to the last serial number."""

import random

from wardwatch.demo.city_data import CityName, Names, Variant, city_data
from wardwatch.demo.city_devices import SIMULATED_NETWORK, SNMP_V2C, SNMP_V3, build_network
from wardwatch.demo.city_systems import SystemsBuilder
from wardwatch.demo.city_units import CENTRE_NETWORK, PlacedUnit, build_units
from wardwatch.model.inventory import Credential, Inventory, Site, Zone

_DEGREES_A_TILE = 0.02


def build_city(seed: int, variant: Variant = "city", snmp_port: int = 16161) -> Inventory:
    """The inventory of a variant. Every device answers SNMP at an own address from 127.16.0.1 on, port `snmp_port`."""
    data = city_data()
    city, plan = data.names.cities[variant], data.services.plans[variant]
    placed = build_units(random.Random(f"{seed}/units"), city, data.names, data.services, plan)
    network = build_network(random.Random(f"{seed}/network"), placed, data.names, data.equipment, plan, snmp_port)
    units = [each.unit for each in placed]
    systems = SystemsBuilder(
        random.Random(f"{seed}/systems"), city, data.services, plan, units, list(network.devices.values())
    )
    return Inventory(
        units={unit.id: unit for unit in units},
        zones={zone.id: zone for zone in _zones(placed)},
        sites={site.id: site for site in _sites(random.Random(f"{seed}/sites"), city, data.names, placed)},
        credentials={credential.id: credential for credential in _credentials()},
        devices=network.devices,
        circuits=network.circuits,
        links=network.links,
        services=systems.build(),
    )


def demo_secrets() -> dict[str, str]:
    """The words behind the demo's secret references, by name. They protect nothing but simulated devices."""
    return {
        "snmp-community": "demo-city",
        "snmp-v3-auth": "demo-city-authentication",
        "snmp-v3-privacy": "demo-city-privacy",
    }


def _credentials() -> list[Credential]:
    return [
        Credential(SNMP_V2C, "snmp-v2c", community="secret://snmp-community"),
        Credential(
            SNMP_V3,
            "snmp-v3",
            user="wardwatch",
            auth_protocol="sha256",
            auth_key="secret://snmp-v3-auth",
            privacy_protocol="aes128",
            privacy_key="secret://snmp-v3-privacy",
        ),
    ]


def _zones(placed: list[PlacedUnit]) -> list[Zone]:
    districts = [each.octet for each in placed if each.unit.kind == "district"]
    return [
        Zone("data-centre", "Trung tâm dữ liệu", "data-centre", (CENTRE_NETWORK,)),
        Zone("wan", "Mạng truyền số liệu chuyên dùng", "wan", ("10.1.0.0/16",)),
        Zone("management", "Mạng quản trị", "management", ("10.2.0.0/16", SIMULATED_NETWORK)),
        Zone("lan", "Mạng nội bộ các đơn vị", "lan", ("10.20.0.0/15", "10.32.0.0/11")),
        Zone("finance", "Vùng Tài chính - Kế hoạch", "protected", tuple(f"10.{octet}.4.0/24" for octet in districts)),
        Zone(
            "council-exchange",
            "Mạng trao đổi Hội đồng nhân dân - Ủy ban nhân dân",
            "protected",
            tuple(f"10.{octet}.5.0/24" for octet in districts),
        ),
    ]


def _sites(random_: random.Random, city: CityName, names: Names, placed: list[PlacedUnit]) -> list[Site]:
    """One site a unit, near its tile where it has one."""
    found = []
    for each in placed:
        unit = each.unit
        column, row = unit.tile or (random_.uniform(10, 14), random_.uniform(4, 8))
        found.append(
            Site(
                id=f"site-{unit.id}",
                name=f"Trụ sở {unit.name}",
                unit=unit.id,
                address=f"Số {random_.randrange(1, 200)} {random_.choice(names.streets)}, {unit.name}",
                latitude=round(city.latitude + (6 - row) * _DEGREES_A_TILE, 5),
                longitude=round(city.longitude + (column - 12) * _DEGREES_A_TILE, 5),
            )
        )
    return found
