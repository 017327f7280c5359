"""pyarrow, which carries no types, behind the few calls the store makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

_TYPES: dict[str, Any] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a record table: its name and its DuckDB type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Runs:
    """A string column of few values that repeat: `values[codes[row]]`."""

    values: Sequence[str]
    codes: Sequence[int]


def table(columns: Sequence[Column], values: Mapping[str, Sequence[Any] | Runs]) -> Any:
    """An Arrow table of the given columns; `values` has each of them, all of one length."""
    return pa.table({column.name: _array(column, values[column.name]) for column in columns})


def _array(column: Column, values: Sequence[Any] | Runs) -> Any:
    if isinstance(values, Runs):
        return pa.DictionaryArray.from_arrays(pa.array(values.codes, pa.int32()), pa.array(values.values, pa.string()))
    return pa.array(values, _TYPES[column.type])
