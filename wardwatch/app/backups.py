"""A backup in the words of the protocol."""

from pathlib import Path

from wardwatch.backup import Backups
from wardwatch.shipping.messages import BackupIs


def backed_up(backups: Backups, target: Path) -> BackupIs:
    """Makes a backup; raises as `Backups.make`."""
    made = backups.make(target)
    return BackupIs(made.files, made.bytes, made.state_rows, made.record_rows)
