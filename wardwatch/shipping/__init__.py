"""Journal and transport: how edges hand their records to the core, once each and in order."""

from wardwatch.shipping.connection import CoreConnection
from wardwatch.shipping.journal import Journal, JournalSettings
from wardwatch.shipping.receiver import Receiver
from wardwatch.shipping.shippers import DirectShipper, JournalShipper

__all__ = [
    "CoreConnection",
    "DirectShipper",
    "Journal",
    "JournalSettings",
    "JournalShipper",
    "Receiver",
]
