"""What `check` returns, as `l2-adapter check --format json` writes it."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, final


class Fault(TypedDict):
    """A fault in a spec."""

    pointer: str
    """The place, a JSON Pointer."""
    code: str
    """The kind of fault. Codes are stable."""
    message: str
    expected: str | None
    got: str | None
    suggestion: str | None
    """A key or value close to the given one."""


class PlacedFault(Fault):
    """A fault and its place in the text."""

    line: int
    column: int


class PlacedWarning(TypedDict):
    """A warning or note, and its place in the text."""

    pointer: str
    code: str
    message: str
    line: int
    column: int


@final
class Record(TypedDict):
    """The result for one document."""

    source: str
    index: int
    """The index of the document in the call, from 0."""
    type: str | None
    """The adapter type; None if the document does not name one."""
    ok: bool
    errors: list[PlacedFault]
    warnings: list[PlacedWarning]
    value: dict[str, Any] | None
    """The spec with defaults filled in and secrets redacted; None if it is invalid."""


class Misfit(TypedDict):
    """One thing in which two `pd` specs do not fit each other."""

    source: str
    index: int
    """Which document should be looked at, counted from 0."""
    pointer: str
    code: str
    """What kind of misfit. Codes begin with `pair_` and are stable."""
    severity: Literal["error", "warning", "note"]
    message: str
    line: int
    column: int
    other: SpecPlace | None
    """The spec that it does not fit."""


class SpecPlace(TypedDict):
    """Where a spec begins."""

    source: str
    index: int
    line: int
    column: int


@final
class PairsRecord(TypedDict):
    """What was found when the `pd` specs of all documents were compared with each other."""

    ok: bool
    pairs: list[Misfit]
