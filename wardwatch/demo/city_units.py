"""The demo city's units: a tree with official-style codes, address blocks and fixed tiles on the wall."""

import math
import random
import re
from dataclasses import dataclass

from wardwatch.demo.city_data import CityName, Names, Plan, Services
from wardwatch.model.inventory import Unit
from wardwatch.model.text import fold

BLOCK_COLUMNS = 3
CENTRE_NETWORK = "10.10.0.0/16"
_SHORT_TYPES = {"phường": "P.", "xã": "X.", "thị trấn": "TT.", "quận": "Q.", "huyện": "H.", "thị xã": "TX."}


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with what the other parts of the city are derived from: the prefix of its devices' ids and its
    second octet (only districts and their wards have one of their own)."""

    unit: Unit
    prefix: str
    octet: int | None = None


def slug(text: str) -> str:
    """A name as an id: folded, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def build_units(
    random_: random.Random, city: CityName, names: Names, services: Services, plan: Plan
) -> list[PlacedUnit]:
    """The city first, then departments, the centre, coordinating units, and each district before its wards."""
    code = city.province_code
    root = Unit("city", city.name, city.kind, f"000.00.00.{code}", None, city.short_name, networks=("10.20.0.0/24",))
    found = [PlacedUnit(root, "hq")]
    for number, department in enumerate(services.departments[: plan.departments], 1):
        unit = Unit(
            slug(department.name),
            department.name,
            "department",
            f"000.00.{number:02}.{code}",
            root.id,
            department.short_name,
            networks=(f"10.20.{number}.0/24",),
        )
        found.append(PlacedUnit(unit, f"s{number:02}"))
    # The State Data Centre belongs to the department of information and communications, the second of the list.
    host = found[2].unit
    centre = Unit(
        "data-centre", names.centre, "centre", f"000.01.02.{code}", host.id, "TTDL", networks=(CENTRE_NETWORK,)
    )
    found.append(PlacedUnit(centre, "dc"))
    for number, name in enumerate(names.coordination[: plan.coordination], 1):
        unit = Unit(
            slug(name),
            name,
            "coordination",
            f"000.00.{80 + number}.{code}",
            root.id,
            networks=(f"10.21.{number}.0/24",),
        )
        found.append(PlacedUnit(unit, f"c{number:02}"))
    return found + _districts(random_, code, names, plan)


def _districts(random_: random.Random, code: str, names: Names, plan: Plan) -> list[PlacedUnit]:
    districts = [(kind, name) for kind, count in plan.districts.items() for name in names.districts[kind][:count]]
    size, larger = divmod(plan.wards, len(districts))
    found: list[PlacedUnit] = []
    for number, (kind, name) in enumerate(districts, 1):
        octet = 31 + number
        district = Unit(
            slug(f"{kind} {name}"),
            f"{kind.capitalize()} {name}",
            "district",
            f"000.00.{30 + number}.{code}",
            "city",
            f"{_SHORT_TYPES[kind]} {name}",
            networks=(f"10.{octet}.0.0/16",),
        )
        found.append(PlacedUnit(district, f"d{number:02}", octet))
        wards = _ward_names(random_, kind, name, size + (number <= larger), names)
        corner = block_corner(number - 1, len(districts), math.ceil((size + 1) / BLOCK_COLUMNS))
        for position, (ward_kind, ward_name) in enumerate(wards):
            row, column = divmod(position, BLOCK_COLUMNS)
            ward = Unit(
                f"{district.id}.{slug(f'{ward_kind} {ward_name}')}",
                f"{ward_kind.capitalize()} {ward_name}",
                "ward",
                f"000.{position + 1:02}.{30 + number}.{code}",
                district.id,
                f"{_SHORT_TYPES[ward_kind]} {ward_name}",
                tile=(corner[0] + column, corner[1] + row),
                networks=(f"10.{octet}.{10 + position}.0/24",),
            )
            found.append(PlacedUnit(ward, f"w{number:02}{position + 1:02}", octet))
    return found


def _ward_names(random_: random.Random, kind: str, name: str, count: int, names: Names) -> list[tuple[str, str]]:
    """Types and names of a district's wards, distinct within it."""
    towns = [("thị trấn", name)] if kind == "huyện" else []
    urban = {"quận": count, "thị xã": count // 2, "huyện": 0}[kind]
    found = towns + [("phường", ward) for ward in random_.sample(names.wards["phường"], urban)]
    return found + [("xã", ward) for ward in random_.sample(names.wards["xã"], count - len(found))]


def block_corner(index: int, blocks: int, block_rows: int) -> tuple[int, int]:
    """The top left tile (column, row) of a district's block. Blocks fill a grid about as wide as a 16:9 wall from its
    middle outwards, so that the urban districts, which come first, form the heart of the map."""
    columns = math.ceil(math.sqrt(blocks * 16 / 9))
    rows = math.ceil(blocks / columns)

    def distance(slot: tuple[int, int]) -> float:
        column, row = slot
        return ((column - (columns - 1) / 2) / columns) ** 2 + ((row - (rows - 1) / 2) / rows) ** 2

    slots = sorted(((column, row) for row in range(rows) for column in range(columns)), key=distance)
    column, row = slots[index]
    return column * BLOCK_COLUMNS, row * block_rows
