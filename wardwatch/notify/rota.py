"""Who is on call: weeks in turn, with people standing in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardwatch.notify.settings import CITY_TIME, Rota

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's week of a rota, from handover to handover."""

    person: str
    start: datetime
    end: datetime


def on_call(rota: Rota, at: datetime) -> str | None:
    """Who is called at a moment; nobody before the rota starts. Of people standing in the last named wins."""
    for override in reversed(rota.overrides):
        if override.start <= at < override.end:
            return override.person
    turn = turn_at(rota, at)
    return None if turn is None else turn.person


def turn_at(rota: Rota, at: datetime) -> Turn | None:
    """The turn that a moment falls into, whoever stands in."""
    first = datetime.combine(rota.starts, rota.handover, CITY_TIME)
    if at < first:
        return None
    number = (at - first) // _WEEK
    start = first + number * _WEEK
    return Turn(rota.people[number % len(rota.people)], start, start + _WEEK)


def turns(rota: Rota, at: datetime, weeks: int) -> Iterator[Turn]:
    """This turn and the following ones."""
    first = datetime.combine(rota.starts, rota.handover, CITY_TIME)
    for number in range(weeks):
        turn = turn_at(rota, max(at, first) + number * _WEEK)
        if turn is not None:
            yield turn
