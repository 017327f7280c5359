"""The moment a line speaks of. RFC 3164 gives neither year nor zone, and clocks of devices are often wrong.

What is missing is chosen so that the moment lies nearest to its reception: the year among last, this and next, the zone
among the city's own and UTC. A moment more than a day ahead or a month ago is not believed; then reception counts.
"""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
AHEAD = timedelta(days=1)
BEHIND = timedelta(days=31)
_ZONES: dict[str, tzinfo] = {
    "UTC": UTC,
    "GMT": UTC,
    "Z": UTC,
    "ICT": timezone(timedelta(hours=7)),
    "WIB": timezone(timedelta(hours=7)),
    "SGT": timezone(timedelta(hours=8)),
    "JST": timezone(timedelta(hours=9)),
}


class Stamps:
    """Reads stamps of lines that were received about `now`; the same text is worked out once."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self.now = now
        self._zone = zone
        self._known: dict[tuple[str | int | None, ...], datetime | None] = {}

    def bsd(self, month: str, day: str, clock: str, year: str | None, zone: str | None) -> datetime | None:
        """`Mar`, `5`, `10:22:33` or `10:22:33.125`, perhaps with a year and a zone; None where it is no moment or is
        not believed."""
        key = (month, day, clock, year, zone)
        if key not in self._known:
            self._known[key] = self._bsd(*key)
        return self._known[key]

    def iso(self, text: str) -> datetime | None:
        """RFC 3339, as RFC 5424 wants it; without a zone the nearest one counts."""
        key = (text,)
        if key not in self._known:
            self._known[key] = self._iso(text)
        return self._known[key]

    def epoch(self, seconds: float) -> datetime | None:
        """Seconds since 1970."""
        try:
            return self._believed([datetime.fromtimestamp(seconds, UTC)])
        except (OverflowError, OSError, ValueError):
            return None

    def _bsd(self, month: str, day: str, clock: str, year: str | None, zone: str | None) -> datetime | None:
        whole, _, fraction = clock.partition(".")
        years = [int(year)] if year else [self.now.year, self.now.year - 1, self.now.year + 1]
        moments = []
        for each in years:
            try:
                hour, minute, second = map(int, whole.split(":"))
                # A leap second is read as the one before it: Python has none.
                moment = datetime(each, MONTHS[month], int(day), hour, minute, min(second, 59))  # noqa: DTZ001
            except (KeyError, ValueError):
                continue
            micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
            moments.append(moment.replace(microsecond=micro))
        return self._believed([each.replace(tzinfo=zoned) for each in moments for zoned in self._zones(zone)])

    def _iso(self, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return self._believed([moment.replace(tzinfo=zone) for zone in self._zones(None)])
        return self._believed([moment])

    def _zones(self, name: str | None) -> tuple[tzinfo, ...]:
        if name is None:
            return self._zone, UTC
        known = _ZONES.get(name)
        if known is None and name[0] in "+-":
            digits = name[1:].replace(":", "").ljust(4, "0")
            shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
            known = timezone(shift if name[0] == "+" else -shift) if shift < timedelta(hours=24) else None
        return (known,) if known is not None else (self._zone, UTC)

    def _believed(self, moments: list[datetime]) -> datetime | None:
        try:
            nearest = min(moments, key=lambda moment: abs(moment - self.now), default=None)
        except OverflowError:
            return None
        if nearest is None or not self.now - BEHIND <= nearest <= self.now + AHEAD:
            return None
        return nearest.astimezone(UTC)
