"""The faults file: strict YAML, relative to the start of the run or at fixed times, once or repeating."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from collectors.snmp.simulator.cabling import cable
from collectors.snmp.simulator.faults import WITH_PORT, Fault, FaultKind, FaultSchedule
from collectors.snmp.simulator.products import Products
from collectors.snmp.simulator.simulator import misplaced
from wardwatch import strict_yaml
from wardwatch.errors import DocumentError, Problem
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import duration
from wardwatch.strict_yaml import StrictModel

HORIZON = timedelta(days=7)
"""How far a repeating fault is laid out when it does not say how many times."""

MAX_FAULTS = 10_000
_DELAY_S = (0.001, 60.0)


class FaultEntry(StrictModel):
    """One entry: `at` is `T+5m` (after the start) or an RFC 3339 time, `for` how long, `every` how often again."""

    device: str
    kind: FaultKind
    at: str = Field(description="T+<duration> after the start of the run, or an RFC 3339 time")
    lasts: str = Field(alias="for", description="duration: 90s, 5m, 2h, 1d, 1h30m")
    every: str | None = Field(default=None, description="duration between the starts of repetitions")
    times: int | None = Field(default=None, ge=1, le=MAX_FAULTS, description="how many times in all; needs `every`")
    port: str | None = Field(default=None, description="ifName, for link-down and counter-wrap")
    value: float | None = Field(default=None, description="seconds of delay (slow), 32 or 64 (counter-wrap)")

    @field_validator("lasts", "every")
    @classmethod
    def _spans(cls, text: str | None) -> str | None:
        if text is not None and duration(text) < timedelta(seconds=1):
            raise ValueError("is shorter than a second")
        return text

    @field_validator("at", mode="before")
    @classmethod
    def _instant(cls, value: Any) -> str:
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        starts_at(text, datetime.now(UTC))
        return text

    @model_validator(mode="after")
    def _fits(self) -> "FaultEntry":
        if self.port is not None and self.kind not in WITH_PORT:
            raise ValueError(f"a {self.kind} fault has no port")
        if self.kind is FaultKind.SLOW:
            if self.value is not None and not _DELAY_S[0] <= self.value <= _DELAY_S[1]:
                raise ValueError("the value of a slow fault is a delay of 0.001 to 60 seconds")
        elif self.kind is FaultKind.COUNTER_WRAP:
            if self.value not in (None, 32, 64):
                raise ValueError("the value of a counter-wrap fault is 32 or 64 (bits)")
        elif self.value is not None:
            raise ValueError(f"a {self.kind} fault has no value")
        if self.times is not None and self.every is None:
            raise ValueError("'times' needs 'every'")
        if self.every is not None and duration(self.every) <= duration(self.lasts):
            raise ValueError("'every' is not longer than 'for', so the fault would never end")
        return self

    def occurrences(self, start: datetime) -> list[Fault]:
        """The faults of this entry in a run that starts at `start`; repetitions without `times` fill a week."""
        first, span = starts_at(self.at, start), duration(self.lasts)
        count, step = 1, timedelta()
        if self.every is not None:
            step = duration(self.every)
            count = self.times or min(HORIZON // step + 1, MAX_FAULTS + 1)
        return [
            Fault(self.kind, self.device, self.port, first + number * step, first + number * step + span, self.value)
            for number in range(count)
        ]


class FaultsDocument(StrictModel):
    """The document: `faults: [...]`."""

    faults: tuple[FaultEntry, ...]


def load_faults(path: Path, start: datetime, inventory: Inventory) -> FaultSchedule:
    """The schedule of a file for a run that starts at `start`. Raises `DocumentError` naming each problem."""
    document = strict_yaml.load(path, FaultsDocument)
    _, lines = strict_yaml.read(path.read_text(encoding="utf-8"), str(path))
    cabling = cable(inventory, Products.shipped())
    problems: list[Problem] = []
    faults: list[Fault] = []
    for number, entry in enumerate(document.faults):
        line = lines.get(("faults", number), 0)
        problem = misplaced(entry.device, entry.port, cabling)
        if problem is not None:
            problems.append(Problem(str(path), line, problem))
        try:
            faults += entry.occurrences(start)
        except OverflowError:
            problems.append(Problem(str(path), line, "ends after the year 9999"))
        if len(faults) > MAX_FAULTS:
            problems.append(Problem(str(path), line, f"makes more than {MAX_FAULTS} faults: give 'times'"))
            break
    if problems:
        raise DocumentError(problems)
    return FaultSchedule(tuple(faults))


def starts_at(text: str, start: datetime) -> datetime:
    """An instant written as `T+5m` or in RFC 3339. Raises `ValueError`."""
    if text.startswith("T+"):
        return start + duration(text.removeprefix("T+"))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is neither T+5m nor an RFC 3339 time") from None
    if instant.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone: write Z or +07:00 after it")
    return instant.astimezone(UTC)


def schema() -> dict[str, Any]:
    """The JSON Schema of the document, as published in `docs/schemas/faults.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | FaultsDocument.model_json_schema()
