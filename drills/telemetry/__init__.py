"""Injects that are no packets: what devices say (syslog, traps) and what becomes of them, on the path of real ones."""

from drills.telemetry.actions import TELLING

__all__ = ["TELLING"]
