"""What the command line asks a running instance when it reads events."""

import msgspec

from wardwatch.model.queries import EventPage, EventQuery


class AskPage(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for a page of events."""

    query: EventQuery


class PageIs(msgspec.Struct, tag=True, frozen=True):
    """The page, whole documents: ask for no more than a frame holds."""

    page: EventPage
