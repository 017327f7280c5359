"""Exercise time: seconds that a drill has run, without its pauses. Wall time is kept beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """From when until when nothing counted; `until` None while it lasts."""

    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExerciseTime:
    """The clock of one run: when it began, and its pauses, none of which overlap."""

    started_at: datetime
    pauses: Sequence[Pause] = ()

    @property
    def paused(self) -> bool:
        return any(pause.until is None for pause in self.pauses)

    def elapsed_s(self, now: datetime) -> float:
        """Exercise seconds until a moment; a moment within a pause is that pause's beginning. Never below 0, also
        when a clock was set back."""
        away_s = sum(
            (min(pause.until or now, now) - pause.at).total_seconds() for pause in self.pauses if pause.at < now
        )
        return max(0.0, (now - self.started_at).total_seconds() - away_s)

    def between_s(self, start: datetime, end: datetime) -> float:
        """Exercise seconds from one moment to another."""
        return self.elapsed_s(end) - self.elapsed_s(start)

    def pause(self, at: datetime) -> "ExerciseTime":
        """Stopped from now on; a clock that stands already stays as it is."""
        return self if self.paused else ExerciseTime(self.started_at, (*self.pauses, Pause(at)))

    def resume(self, at: datetime) -> "ExerciseTime":
        """Running again."""
        if not self.paused:
            return self
        return ExerciseTime(self.started_at, (*self.pauses[:-1], Pause(self.pauses[-1].at, at)))
