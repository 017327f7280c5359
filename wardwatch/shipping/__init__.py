"""Journal and transport: how edges hand their records to the core, once each and in order."""

from wardwatch.shipping.answers import Desk
from wardwatch.shipping.connection import CoreConnection
from wardwatch.shipping.journal import Journal, JournalSettings
from wardwatch.shipping.lines import HttpsLine, SocketLine
from wardwatch.shipping.receiver import Receiver
from wardwatch.shipping.remote import RemoteAnswers
from wardwatch.shipping.rules import RuleShelf
from wardwatch.shipping.shippers import DirectShipper, JournalShipper

__all__ = [
    "CoreConnection",
    "Desk",
    "DirectShipper",
    "HttpsLine",
    "Journal",
    "JournalSettings",
    "JournalShipper",
    "Receiver",
    "RemoteAnswers",
    "RuleShelf",
    "SocketLine",
]
