"""What `check` returns, as `l2-adapter check --format json` writes it."""

from typing import Any, TypedDict


class Fault(TypedDict):
    """One thing that is wrong with a spec."""

    pointer: str
    """Where, as a JSON Pointer."""
    code: str
    """What kind of fault. Codes are stable."""
    message: str
    expected: str | None
    got: str | None
    suggestion: str | None
    """A key or value that is close to what was written."""


class PlacedFault(Fault):
    """A fault and its place in the text."""

    line: int
    column: int


class PlacedWarning(TypedDict):
    """One thing worth looking at, and its place in the text."""

    pointer: str
    code: str
    message: str
    line: int
    column: int


class Record(TypedDict):
    """What was found in one document."""

    source: str
    index: int
    """Which document of the call it is, counted from 0."""
    type: str | None
    """The adapter type; None where the document does not name one."""
    ok: bool
    errors: list[PlacedFault]
    warnings: list[PlacedWarning]
    value: dict[str, Any] | None
    """The spec with its defaults filled in and its secrets redacted; None where it is invalid."""
