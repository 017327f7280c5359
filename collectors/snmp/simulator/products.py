"""Products: what a vendor's model calls itself and its ports, as data (`products.yaml`)."""

import re
from dataclasses import dataclass
from importlib import resources

from pydantic import field_validator

from collectors.snmp.simulator.ber import Oid, parse_oid
from wardwatch import strict_yaml
from wardwatch.model.inventory import Device, DeviceRole
from wardwatch.model.text import fold
from wardwatch.strict_yaml import StrictModel


class ProductEntry(StrictModel):
    """One entry of the document. `vendor` and `model` are regular expressions searched in the folded words of a
    device; `uplink` names the ports beyond the last full eight (48 + 4), `descr` is ifDescr where it is not ifName."""

    vendor: str = ""
    model: str = ""
    roles: tuple[DeviceRole, ...] = ()
    object_id: str
    description: str
    port: str
    speed_mbps: int = 1000
    uplink: str | None = None
    uplink_speed_mbps: int = 10_000
    descr: str | None = None
    first_number: int = 1
    first_index: int = 1
    processors: int = 0

    @field_validator("object_id")
    @classmethod
    def _an_oid(cls, value: str) -> str:
        parse_oid(value)
        return value


class ProductsDocument(StrictModel):
    """The document: the first entry that fits a device is its product."""

    products: tuple[ProductEntry, ...]


@dataclass(frozen=True, slots=True)
class PortName:
    """How a port is called, and how fast it is."""

    name: str
    descr: str
    speed_bps: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the simulator uses it."""

    entry: ProductEntry

    @property
    def object_id(self) -> Oid:
        return parse_oid(self.entry.object_id)

    def description(self, device: Device) -> str:
        """sysDescr of a device."""
        return self.entry.description.format(
            vendor=device.vendor or "Generic", model=device.model or device.role.value, name=device.id
        ).strip()

    def ports(self, count: int) -> list[PortName]:
        """The names of a device's ports in order: uplinks, where the product has any, come last."""
        entry = self.entry
        uplinks = count % 8 if entry.uplink and count > 8 else 0
        names = [
            self._port(entry.port, number + entry.first_number, entry.speed_mbps) for number in range(count - uplinks)
        ]
        if entry.uplink:
            names += [
                self._port(entry.uplink, number + entry.first_number, entry.uplink_speed_mbps)
                for number in range(uplinks)
            ]
        return names

    def _port(self, pattern: str, number: int, speed_mbps: int) -> PortName:
        name = pattern.format(n=number)
        descr = self.entry.descr.format(n=number, name=name) if self.entry.descr else name
        return PortName(name, descr, speed_mbps * 1_000_000)


class Products:
    """Finds the product of a device. The last entry of the document fits every device."""

    def __init__(self, document: ProductsDocument) -> None:
        self._entries = document.products

    @classmethod
    def shipped(cls) -> "Products":
        """The products that come with the simulator."""
        text = resources.files("collectors.snmp.simulator").joinpath("products.yaml").read_text(encoding="utf-8")
        return cls(strict_yaml.parse(text, ProductsDocument, "products.yaml"))

    def product(self, device: Device) -> Product:
        vendor, model = fold(device.vendor or ""), fold(device.model or "")
        for entry in self._entries:
            if (
                (not entry.roles or device.role in entry.roles)
                and re.search(entry.vendor, vendor)
                and re.search(entry.model, model)
            ):
                return Product(entry)
        return Product(self._entries[-1])
