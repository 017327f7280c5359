"""A whole installation as a folder, and back."""

from wardwatch.backup.making import Backups, BackupSummary
from wardwatch.backup.restoring import restore

__all__ = ["BackupSummary", "Backups", "restore"]
