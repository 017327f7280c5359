"""Whatever an inventory holds comes back equal from YAML and from CSV."""

import string
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardwatch.inventory.exchange import export_inventory, import_inventory
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
from wardwatch.model.text import nfc

words = (
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("ếđ,;\"'#:-& 10"), max_size=20)
    .map(nfc)
    .filter(bool)
)
maybe = st.none() | words
ids = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
addresses = st.ip_addresses().map(str)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    unit_ids = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    days = sorted(draw(st.tuples(st.dates(date(2000, 1, 1)), st.dates(date(2000, 1, 1)))))
    units = {
        ident: Unit(ident, draw(words), draw(ids), f"{number}", unit_ids[number - 1] if number else None, draw(maybe),
                    valid_from=days[0], valid_to=draw(st.sampled_from([None, days[1]])), tile=(number, 0))
        for number, ident in enumerate(unit_ids)
    }  # fmt: skip
    zone = Zone("z", draw(words), networks=("10.0.0.0/8", "fd00::/8"))
    site = Site("s", draw(words), unit_ids[0], draw(maybe), draw(st.floats(-90, 90)), None)
    credential = Credential("c", "snmp-v3", user=draw(words), auth_protocol="sha", auth_key="secret://a")
    devices = {
        f"d{number}": Device(f"d{number}", draw(words), draw(st.sampled_from(DeviceRole)), unit_ids[0], "s", "z",
                             draw(addresses), 1000 + number, "c", draw(maybe), ports=draw(st.integers(0, 96)),
                             addresses=tuple(draw(st.lists(addresses, max_size=3))))
        for number in range(3)
    }  # fmt: skip
    circuit = Circuit("k", draw(words), draw(words), draw(words), None, draw(st.integers(1, 10**9)), 99.5)
    link = Link("l", "d0", "d1", draw(maybe), draw(maybe), "k")
    service = Service("v", draw(words), "public-service", unit_ids[0], draw(maybe), 4, ("d0", "d1"))
    return Inventory(
        units, {"z": zone}, {"s": site}, {"c": credential}, devices, {"k": circuit}, {"l": link}, {"v": service}
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inventories())
def test_export_and_import_give_the_same_inventory(inventory: Inventory) -> None:
    with TemporaryDirectory() as folder:
        for as_csv in (False, True):
            export_inventory(inventory, Path(folder) / str(as_csv), as_csv)
            assert import_inventory([Path(folder) / str(as_csv)]) == inventory
