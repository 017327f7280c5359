"""The data a demo city is made of: names, equipment and services, as strict documents beside this file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from wardwatch.model.inventory import DeviceRole
from wardwatch.strict_yaml import StrictModel, load

Variant = Literal["city", "small-province"]


class CityName(StrictModel):
    """What a variant is called, its domain, its code among the provinces and where it lies (degrees)."""

    name: str
    kind: str
    short_name: str
    domain: str
    province_code: str
    latitude: float
    longitude: float


class Provider(StrictModel):
    """Who leases lines, and how often the city took them."""

    name: str
    weight: int
    prefix: str
    contact: str


class Names(StrictModel):
    """`city_names.yaml`: `districts` and `wards` are keyed by their Vietnamese type."""

    cities: dict[Variant, CityName]
    centre: str
    coordination: tuple[str, ...]
    districts: dict[str, tuple[str, ...]]
    wards: dict[str, tuple[str, ...]]
    streets: tuple[str, ...]
    providers: tuple[Provider, ...]


class Product(StrictModel):
    """Something that can be bought; `ports` are the sizes it comes in."""

    vendor: str
    model: str
    ports: tuple[int, ...]


class Template(StrictModel):
    """Devices that stand in a kind of unit; the file says what the words in `uplinks` mean."""

    key: str
    name: str
    role: DeviceRole
    product: str
    zone: str
    count: int = 1
    every: int = 1
    uplinks: tuple[str, ...] = ()
    share: bool = False
    circuit: bool = False
    group: bool = False


class Equipment(StrictModel):
    """`city_equipment.yaml`: templates are keyed by the kind of unit."""

    products: dict[str, tuple[Product, ...]]
    templates: dict[str, tuple[Template, ...]]
    small_templates: dict[str, tuple[Template, ...]]


class Department(StrictModel):
    """A department: its own systems, its core database if it keeps one, and what it licenses."""

    name: str
    short_name: str
    core: str | None = None
    systems: tuple[str, ...]
    subjects: tuple[str, ...]


class SharedSystem(StrictModel):
    """A system that everybody leans on; `address` fixes where it answers."""

    id: str
    name: str
    owner: Literal["city", "centre"]
    level: int
    host: str
    address: str | None = None


class Plan(StrictModel):
    """How many of everything a variant has; `districts` counts them by type."""

    departments: int
    districts: dict[str, int]
    wards: int
    coordination: int
    systems: int
    district_systems: int
    department_systems: int
    ward_owners: int
    services_level_3: int
    services_level_4: int
    equipment: Literal["templates", "small_templates"]
    circuits_pct: int = Field(ge=0, le=100)


class Services(StrictModel):
    """`city_services.yaml`."""

    departments: tuple[Department, ...]
    shared: tuple[SharedSystem, ...]
    district_systems: tuple[str, ...]
    coordination_system: str
    ward_system: str
    department_portal: str
    actions: tuple[str, ...]
    plans: dict[Variant, Plan]


@dataclass(frozen=True, slots=True)
class CityData:
    """All three documents."""

    names: Names
    equipment: Equipment
    services: Services


@cache
def city_data() -> CityData:
    """The documents, read once."""
    folder = Path(__file__).parent
    return CityData(
        load(folder / "city_names.yaml", Names),
        load(folder / "city_equipment.yaml", Equipment),
        load(folder / "city_services.yaml", Services),
    )
