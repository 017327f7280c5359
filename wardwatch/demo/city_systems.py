"""The demo city's information systems, core databases and online public services."""

import random
from collections.abc import Iterator

from wardwatch.demo.city_data import CityName, Department, Plan, Services
from wardwatch.demo.city_units import slug
from wardwatch.model.inventory import Device, DeviceRole, Service, Unit

SERVICE_NETWORK = "10.10.1"
FIRST_HOST = 10
_HOSTS_A_NETWORK = 240


class SystemsBuilder:
    """Builds systems first, then the public services that lean on them."""

    def __init__(
        self,
        random_: random.Random,
        city: CityName,
        services: Services,
        plan: Plan,
        units: list[Unit],
        devices: list[Device],
    ) -> None:
        self._random = random_
        self._city = city
        self._data = services
        self._plan = plan
        self._departments = [unit for unit in units if unit.kind == "department"]
        self._units = units
        self._servers = [device.id for device in devices if device.role is DeviceRole.SERVER]
        self.services: dict[str, Service] = {}

    def build(self) -> dict[str, Service]:
        self._shared()
        for unit, department in zip(self._departments, self._data.departments, strict=False):
            self._department(unit, department)
        for unit in self._of_kind("district"):
            for name in self._data.district_systems[: self._plan.district_systems]:
                self._system(unit, name, level=2)
        for unit in self._of_kind("coordination"):
            self._system(unit, self._data.coordination_system, level=2)
        for unit in self._of_kind("ward")[: self._plan.ward_owners]:
            self._system(unit, self._data.ward_system, level=1)
        for unit in self._departments[: self._plan.systems - len(self.services)]:
            self._system(unit, self._data.department_portal, level=2)
        self._public_services()
        return self.services

    def _of_kind(self, kind: str) -> list[Unit]:
        return [unit for unit in self._units if unit.kind == kind]

    def _shared(self) -> None:
        owners = {"city": "city", "centre": "data-centre"}
        for system in self._data.shared:
            needs = () if system.id in ("dns", "sso", "backup") else ("sso", "dns")
            self._add(system.id, system.name, "information-system", owners[system.owner], system.level, system.host,
                      needs, system.address)  # fmt: skip

    def _department(self, unit: Unit, department: Department) -> None:
        if department.core:
            self._system(unit, department.core, level=4, kind="core-database")
        for name in department.systems[: self._plan.department_systems]:
            self._system(unit, name, level=self._random.choice((1, 2, 2, 3)))

    def _system(self, unit: Unit, name: str, level: int, kind: str = "information-system") -> None:
        called = name if kind == "core-database" else f"{name} - {unit.name}"
        host = f"{slug(name)}.{slug(unit.short_name or unit.name)}"
        ident = slug(name) if kind == "core-database" else f"{slug(name)}.{unit.id}"
        self._add(ident, called, kind, unit.id, level, host, ("lgsp",))

    def _add(
        self,
        ident: str,
        name: str,
        kind: str,
        owner: str,
        level: int,
        host: str,
        needs: tuple[str, ...],
        address: str | None = None,
    ) -> None:
        number = len(self.services)
        third, fourth = divmod(number, _HOSTS_A_NETWORK)
        self.services[ident] = Service(
            id=ident,
            name=name,
            kind=kind,
            owner=owner,
            code=f"HT{number + 1:03}.{self._city.province_code}",
            level=level,
            devices=self._stand(number, 2 if level >= 3 else 1),
            depends_on=needs,
            addresses=(address or f"10.10.{1 + third}.{FIRST_HOST + fourth}",),
            hostname=f"{host}.{self._city.domain}",
        )

    def _stand(self, number: int, count: int) -> tuple[str, ...]:
        """Servers in turn; the important ones on two."""
        half = len(self._servers) // 2
        chosen = [self._servers[number % len(self._servers)], self._servers[(number + half) % len(self._servers)]]
        return tuple(chosen[:count])

    def _public_services(self) -> None:
        total = self._plan.services_level_3 + self._plan.services_level_4
        levels = [3] * self._plan.services_level_3 + [4] * self._plan.services_level_4
        self._random.shuffle(levels)
        codes = sorted(self._random.sample(range(1_000, 12_999), total))
        for (unit, name), level, number in zip(self._titles(total), levels, codes, strict=True):
            payment = ("payment",) if level == 4 else ()
            ident = f"dvc-1.{number:06}"
            self.services[ident] = Service(
                id=ident,
                name=name,
                kind="public-service",
                owner=unit.id,
                code=f"1.{number:06}.000.00.00.{self._city.province_code}",
                level=level,
                depends_on=("portal", "one-stop", self._own_system(unit), *payment),
            )

    def _titles(self, total: int) -> Iterator[tuple[Unit, str]]:
        """Owners and names, each department as many (the first ones one more)."""
        size, larger = divmod(total, len(self._departments))
        for index, unit in enumerate(self._departments):
            department = self._data.departments[index]
            titles = [f"{action} {subject}" for action in self._data.actions for subject in department.subjects]
            for title in titles[: size + (index < larger)]:
                yield unit, title

    def _own_system(self, unit: Unit) -> str:
        """The system of a department that a public service leans on: its core database where it keeps one."""
        own = [
            service
            for service in self.services.values()
            if service.owner == unit.id and service.kind != "public-service"
        ]
        core = [service for service in own if service.kind == "core-database"]
        return self._random.choice(core or own).id
