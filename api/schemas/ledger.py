"""The ledger: what was read, what became of it, and the lines that were refused."""

from datetime import date, datetime

from pydantic import Field

from api.schemas.base import ApiModel
from wardwatch.model.ledger import Balance, DropUnit


class LedgerCounts(ApiModel):
    """`missing = read + untold - stored - duplicates - rejected`: other than 0 is an alarm."""

    read: int = Field(description="Counted by the edge before it looked into the lines.", examples=[10_240])
    untold: int = Field(description="Came from an edge that does not say what it has read.", examples=[0])
    stored: int = Field(examples=[10_236])
    duplicates: int = Field(description="Known before, so not stored again.", examples=[0])
    rejected: int = Field(description="Kept whole with the reason, as they could not be events.", examples=[4])
    missing: int = Field(examples=[0])


class LedgerRowView(LedgerCounts):
    """One source of one edge on one UTC day of admission."""

    day: date
    edge: str = Field(examples=["ingest"])
    source: str = Field(
        description="A source's id, or `samples` and `outcomes` for what is polled.",
        examples=["6c3f0b1e-3a0e-4f3f-8a57-2f4b8f3f9b10"],
    )
    path: str = Field(
        description="Where it was read; empty where that is not known.", examples=["/var/log/suricata/eve.json"]
    )
    balance: Balance = Field(description="`untold`: nobody said what was read, so nothing can be compared.")


class DropView(ApiModel):
    """What an edge had to let go on one UTC day, by its reason."""

    day: date
    edge: str = Field(examples=["gialam/collect"])
    reason: str = Field(examples=["sample"])
    count: int = Field(examples=[120])
    unit: DropUnit = Field(description="`bytes` where nobody can say how many records they were.")


class LedgerPage(ApiModel):
    """Rows of the days asked for, newest day first; totals, drops and `out_of_balance` are of all of them."""

    first_day: date
    last_day: date
    items: list[LedgerRowView]
    next: str | None = None
    total: int = Field(description="How many rows there are in all.", examples=[14])
    counts: LedgerCounts
    out_of_balance: int = Field(description="How many rows do not add up.", examples=[0])
    drops: list[DropView]


class RejectedView(ApiModel):
    """A refused line; (`source`, `offset`) is its identity. In lists `original` is cut, `length` is that of the whole
    line in characters."""

    source: str = Field(examples=["6c3f0b1e-3a0e-4f3f-8a57-2f4b8f3f9b10"])
    offset: int = Field(examples=[1048576])
    at: datetime = Field(description="When it was refused.")
    path: str = Field(examples=["/var/log/suricata/eve.json"])
    reason: str = Field(examples=["the line is no JSON: unexpected end of data at byte 118"])
    original: str
    length: int = Field(examples=[118])
