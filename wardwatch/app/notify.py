"""The notifier beside the stores."""

from wardwatch.health import Board
from wardwatch.model.time import Clock
from wardwatch.notify.channels import send_by_apprise
from wardwatch.notify.service import Notifier, NotifierSettings
from wardwatch.ports import StateStore
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder


def notifier_of(data: DataFolder, state: StateStore, clock: Clock) -> Notifier:
    """The notifier of an installation; it reads its settings when it first looks."""
    files = NotifierSettings(data.notify, data.notifications)
    return Notifier(files, state, Secrets(data.secrets).resolve, send_by_apprise, clock)


def notify(notifier: Notifier, board: Board) -> None:
    """Tells what is due, and the board how it went."""
    try:
        notifier.look()
    finally:
        board.take(notifier.health())
