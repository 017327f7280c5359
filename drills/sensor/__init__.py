"""The drill's IDS: the real Suricata with this project's own configuration and rules."""

from drills.sensor.engine import SensorSettings, SuricataSensor
from drills.sensor.rules import loaded_sids

__all__ = ["SensorSettings", "SuricataSensor", "loaded_sids"]
