"""The drill's IDS: the real Suricata with this project's own configuration and rules."""

from drills.sensor.engine import SensorSettings, SuricataSensor
from drills.sensor.rules import RefusedRule, active_sids

__all__ = ["RefusedRule", "SensorSettings", "SuricataSensor", "active_sids"]
