"""One tree of errors. Each says where and what to do.

WardWatchError
├── UserError            the user's input or command: exit code 2
│   ├── DocumentError    a YAML or CSV document: file, line, nearest key
│   ├── NotFound         a thing that was asked for by id
│   ├── Conflict         somebody else changed it meanwhile
│   └── Forbidden        outside the caller's scope or role
└── SystemFault          ours or the machine's: exit code 1
    ├── StoreFault       a record or state store cannot be read or written
    ├── TransportFault   a batch cannot be shipped or a peer broke the protocol
    └── EngineFault      Suricata, snmpd or another program failed
"""

from dataclasses import dataclass


class WardWatchError(Exception):
    """Base of all: `message` says what is wrong and where, `hint` what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UserError(WardWatchError):
    """The user's input is wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document: where (file, 1-based line or 0) and what, with a hint."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class DocumentError(UserError):
    """A document breaks its rules; every problem found is named, one a line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class NotFound(UserError):
    """There is no such thing, or none in the caller's scope."""


class Conflict(UserError):
    """The thing was changed meanwhile: read it again and retry."""


class Forbidden(UserError):
    """The caller's role or scope does not allow it."""


class SystemFault(WardWatchError):
    """Something of ours or of the machine failed."""


class StoreFault(SystemFault):
    """A store cannot be read or written (disk full, locked, damaged)."""


class TransportFault(SystemFault):
    """A batch could not be shipped, or a peer broke the protocol."""


class EngineFault(SystemFault):
    """A program we run (Suricata, simulator ...) failed."""
