"""The language of vendor profiles as models: strict, and described by docs/schemas/profile.json.

An OID names a column without its index: a scalar is a column with the one row '0'.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from wardwatch.strict_yaml import StrictModel

OID = re.compile(r"[0-2](\.\d+)+")


def _oid(value: str) -> str:
    if OID.fullmatch(value) is None:
        raise ValueError(f"'{value}' is no OID: write numbers joined by dots, in quotes, for example '1.3.6.1.2.1.1.1'")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


Oid = Annotated[str, AfterValidator(_oid), Field(json_schema_extra={"pattern": r"^[0-2](\.\d+)+$"})]
Pattern = Annotated[str, AfterValidator(_pattern)]


class Source(StrictModel):
    """A value: of a column at the row's index, at parts of it, or at the index that another column names."""

    oid: Oid
    parts: tuple[int, ...] | None = Field(None, description="Places of the row's index that make this column's index.")
    append: str = Field("", description="Put after that index, for example '.0'.")
    at: str | None = Field(None, description="A fixed index, whatever the row's.")
    first: bool = Field(False, description="The first row that has a value, whatever the row's index.")
    via: Oid | None = Field(None, description="A column whose value at the row's index is this column's index.")
    take: Pattern | None = Field(None, description="Its groups, joined by spaces, are the value; no match: no value.")
    words: dict[str, str] | None = Field(None, description="Enumeration: number or text -> word.")
    ignore: tuple[int | str, ...] = Field((), description="Values that stand for 'unknown'.")


class Number(Source):
    """A number in the unit of its fact: the raw value multiplied, and scaled by other columns of its row."""

    times: float = 1.0
    times_by: Oid | None = Field(None, description="A column whose value multiplies.")
    plus: tuple[Source, ...] = Field((), description="Values that are added, before all else.")
    minus: tuple[Source, ...] = Field((), description="Values that are taken away, before all else.")
    exponent: Oid | None = Field(None, description="A column of enumerated powers of ten, looked up in `exponents`.")
    exponents: dict[int, int] = Field(default_factory=dict)
    over: Oid | None = Field(None, description="A column whose value divides.")
    decimals: Oid | None = Field(None, description="A column: how many decimal places the raw value has.")
    convert: Literal["none", "watts-to-dbm", "invert-pct"] = "none"
    at_least: float | None = Field(None, description="Below that it is no measurement.")
    at_most: float | None = None


class Condition(StrictModel):
    """A row counts only when a value is one of some, is none of some (a missing one is none), matches, or is not
    there."""

    value: Source
    among: tuple[int | str, ...] | None = None
    outside: tuple[int | str, ...] | None = None
    matches: Pattern | None = None
    absent: bool = False

    @model_validator(mode="after")
    def _asks(self) -> "Condition":
        if self.among is None and self.outside is None and self.matches is None and not self.absent:
            raise ValueError("asks nothing: give among, outside, matches or absent")
        return self


Text = str | Source | tuple[str | Source, ...]
"""Words with names in braces, a source, or several of which the first that tells something counts."""
Amount = int | Number | tuple[Number, ...]


class Rows(StrictModel):
    """Rows of any kind: which of them count, and sources that texts name in braces."""

    names: dict[str, Text] = Field(default_factory=dict)
    where: tuple[Condition, ...] = ()


class Processors(Rows):
    usage_pct: Number
    label: Text = "Processor"


class Volumes(Rows):
    """Memory or storage: two of used, free, total and used_pct give the rest."""

    row: Oid = Field(description="The column whose rows are the volumes.")
    label: Text
    unit_bytes: Amount = 1
    total: Amount | None = None
    used: Amount | None = None
    free: Amount | None = None
    used_pct: Amount | None = None


class Sensors(Rows):
    class_: Text = Field(alias="class")
    value: Number
    label: Text
    states: dict[int, str] | None = Field(None, description="Enumeration of a sensor of class state.")


class Neighbours(Rows):
    protocol: Literal["lldp", "cdp"]
    row: Oid
    local_port: Text
    remote_system: Text
    remote_port: Text = ""


class Peers(Rows):
    row: Oid
    remote_address: Literal["ipv4-index", "typed-index"] | Source = Field(
        description="Where the address is: in the index, bare or with type and length, or in a column."
    )
    address_at: int = Field(0, description="Where in the index the address begins.")
    every_digit: bool = Field(False, description="IPv6 addresses are written with all their digits.")
    remote_as: Source
    state: Source


class Table(Rows):
    """Rows of facts that pages show and searches find, all text; what the agent does not tell is left out."""

    kind: Literal["entities", "ospf_peers", "vlans", "lags", "duplex", "licences", "ha_members", "vpn_tunnels"]
    row: Oid
    columns: dict[str, Text] = Field(min_length=1)


class Match(StrictModel):
    """A family is met by the longest object id; of equals, second looks decide."""

    object_ids: tuple[Oid, ...] = Field(min_length=1)
    descr: Pattern | None = Field(None, description="Regular expression that sysDescr must contain.")
    present: Oid | None = Field(None, description="An OID (with its index) that the agent must answer.")
    present_matches: Pattern | None = None


class System(StrictModel):
    names: dict[str, Text] = Field(default_factory=dict)
    version: Text = ""
    hardware: Text = ""
    serial: Text = ""


class Profile(StrictModel):
    """A product family, or a part that families include."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = ""
    match: Match | None = None
    includes: tuple[str, ...] = ()
    system: System = System()
    processors: tuple[Processors, ...] = ()
    memory: tuple[Volumes, ...] = ()
    storage: tuple[Volumes, ...] = ()
    sensors: tuple[Sensors, ...] = ()
    neighbours: tuple[Neighbours, ...] = ()
    bgp_peers: tuple[Peers, ...] = ()
    tables: tuple[Table, ...] = ()
