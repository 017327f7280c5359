"""What a device measures and tells of itself, as the API says it."""

from collections.abc import Iterable

from api.schemas.devices import FactTable, HealthView
from wardwatch.model.queries import LatestRow
from wardwatch.model.records import DeviceFacts

HEALTH: dict[str, str] = {
    "processors": "processor",
    "memory": "memory",
    "storage": "storage",
    "sensors": "sensor",
}
"""Kind of facts with the labels -> measurement with the values."""

TABLES: tuple[str, ...] = (
    "neighbours",
    "entities",
    "bgp_peers",
    "ospf_peers",
    "vpn_tunnels",
    "ha_members",
    "licences",
    "vlans",
    "lags",
    "duplex",
    "arp",
    "fdb",
    "slow",
)
_MOST_ROWS = 500
_UNITS: dict[str, str] = {
    "temperature": "°C",
    "voltage": "V",
    "current": "A",
    "power": "W",
    "power_consumed": "kWh",
    "fanspeed": "rpm",
    "frequency": "Hz",
    "humidity": "%",
    "load": "%",
    "charge": "%",
    "dbm": "dBm",
    "signal": "dBm",
    "runtime": "min",
    "airflow": "l/s",
}


def health(measurement: str, facts: DeviceFacts, latest: Iterable[LatestRow]) -> list[HealthView]:
    """Each row of the facts with its newest values; a row that was not measured lately has none."""
    values = {row.index: row for row in latest}
    return [_health(measurement, row, values.get(str(row.get("oid")))) for row in facts.rows]


def fact_table(facts: DeviceFacts) -> FactTable:
    """The rows with every column that any of them has, in the order of first sight; `index` is for machines."""
    columns = dict.fromkeys(key for row in facts.rows for key in row if key not in ("index", "oid"))
    return FactTable(
        kind=facts.kind,
        at=facts.at,
        columns=list(columns),
        rows=[{key: row.get(key) for key in columns} for row in facts.rows[:_MOST_ROWS]],
        total=len(facts.rows),
    )


def _health(measurement: str, row: dict[str, str | int | float | bool | None], latest: LatestRow | None) -> HealthView:
    kind = str(row["class"]) if row.get("class") else None
    column = {"sensor": "value", "processor": "usage_pct"}.get(measurement, "used_pct")
    measured = latest.values if latest else {}
    return HealthView(
        kind=measurement,
        index=str(row.get("oid", "")),
        label=str(row.get("label") or row.get("oid", "")),
        sensor_class=kind,
        value=measured.get(column),
        unit=_UNITS.get(kind or "", "") if measurement == "sensor" else "%",
        state=str(row["state"]) if row.get("state") else None,
        total_bytes=measured.get("total_bytes"),
        at=latest.at if latest else None,
    )
