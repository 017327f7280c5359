"""The measurements: which columns a table of samples has, their units and their sources."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """A table of samples; `columns` maps a column to its unit. All values are doubles or null."""

    name: str
    columns: dict[str, str]


MEASUREMENTS: dict[str, Measurement] = {
    # RFC 2863 IF-MIB: rates from ifHC* (or if* where there are no 64-bit counters); oper and admin as in the MIB
    # (1 up, 2 down, 3 testing ... 7 lowerLayerDown).
    "interface": Measurement(
        "interface",
        {
            "in_bps": "bit/s",
            "out_bps": "bit/s",
            "in_packets_ps": "packet/s",
            "out_packets_ps": "packet/s",
            "in_errors_ps": "packet/s",
            "out_errors_ps": "packet/s",
            "in_discards_ps": "packet/s",
            "out_discards_ps": "packet/s",
            "utilisation_pct": "%",
            "oper": "ifOperStatus",
            "admin": "ifAdminStatus",
            "speed_bps": "bit/s",
        },
    ),
    # One row a poll: `up` is 1 or 0, `poll_ms` how long the round of this device took, `uptime_s` SNMPv2-MIB sysUpTime.
    "device": Measurement(
        "device",
        {
            "up": "boolean",
            "poll_ms": "ms",
            "varbinds": "count",
            "uptime_s": "s",
            "interfaces_up": "count",
        },
    ),
    # What vendor profiles measure (docs/profiles.md): a row an OID, whose label and class are a fact of the device.
    # Loads and shares are of 100; a sensor's value is in the SI unit of its class, a state's its number in the MIB.
    "processor": Measurement("processor", {"usage_pct": "%"}),
    "memory": Measurement("memory", {"used_pct": "%", "used_bytes": "B", "total_bytes": "B"}),
    "storage": Measurement("storage", {"used_pct": "%", "used_bytes": "B", "total_bytes": "B"}),
    "sensor": Measurement("sensor", {"value": "SI unit of its class"}),
    # A round of ICMP echo requests to a device: of 100 lost, mean round trip, mean difference of two that follow.
    "reachability": Measurement("reachability", {"loss_pct": "%", "rtt_ms": "ms", "jitter_ms": "ms"}),
    # One check of a service (docs/services.md): `device` is the service, the index its check. `up` and
    # `down` are 1 or 0 and together 1, so that their sums are a share.
    "service": Measurement(
        "service", {"up": "boolean", "down": "boolean", "duration_ms": "ms", "certificate_days": "d"}
    ),
    # What exporters of flows report (docs/flows.md), summed over a minute and scaled by the sampling rate. `device` is
    # the exporter; the indices are those of `wardwatch.model.flows`. `traffic` has everything; `flow` the same in more
    # detail, the largest pairs of addresses and the rest of them as one row, so that both have the same sums.
    "traffic": Measurement("traffic", {"bytes": "B", "packets": "packet"}),
    "flow": Measurement("flow", {"bytes": "B", "packets": "packet"}),
}
