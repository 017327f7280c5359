"""Apprise, typed: one message to one address. Its log tells why it failed; the address itself is never repeated."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import apprise

from wardwatch.errors import UserError
from wardwatch.notify.wording import Message

Send = Callable[[str, Message], str | None]
"""Sends to an address; None when it was taken, else why not."""
_REASON_CHARACTERS = 200


def send_by_apprise(address: str, message: Message) -> str | None:
    """Sends now, and waits for the other side. Returns the reason of a failure. Raises `UserError` where the address
    is none that Apprise knows."""
    # The service itself sends in this thread, so that what it says can be told from what others say.
    service: Any = apprise.Apprise.instantiate(address)
    if service is None:
        raise UserError(
            "the channel's secret holds no address that Apprise knows",
            "write a URL such as mailto://, mailtos://, json://, tgram://",
        )
    heard = _Heard(threading.get_ident())
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    try:
        taken = service.notify(title=message.title, body=message.body, body_format=apprise.NotifyFormat.TEXT)
    finally:
        logger.removeHandler(heard)
    return None if taken else _without(address, heard.said) or "the other side did not take it"


class _Heard(logging.Handler):
    """What Apprise says of a failure in this thread."""

    def __init__(self, thread: int) -> None:
        super().__init__(logging.WARNING)
        self.said = ""
        self._thread = thread

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and not self.said:
            self.said = record.getMessage()


def _without(address: str, said: str) -> str:
    """The sentence without any part of the address that could be a secret."""
    rest = address.partition("://")[2]
    for word in sorted({rest, *rest.replace("@", "/").replace("?", "/").replace(":", "/").split("/")}, key=len)[::-1]:
        if len(word) > 3:
            said = said.replace(word, "***")
    return said[:_REASON_CHARACTERS]
