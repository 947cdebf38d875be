"""LMCache L2 adapters: which types there are, what their specs accept, and whether a spec is right.

Nothing in here needs LMCache. The PD adapter for its servers is in `l2_adapter.lmcache`, which does. Importing starts
nothing.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from l2_adapter import _native
from l2_adapter._native import SpecError, __version__
from l2_adapter.records import Fault, PlacedFault, PlacedWarning, Record

__all__ = [
    "AdapterType",
    "Fault",
    "PlacedFault",
    "PlacedWarning",
    "Record",
    "SpecError",
    "__version__",
    "check",
    "explain",
    "json_schema",
    "types",
]


class AdapterType(NamedTuple):
    """One type of L2 adapters."""

    name: str
    """What a spec's `type` says."""
    has_runtime: bool
    """Whether adapters of it can be run, not only specs checked."""
    summary: str
    """What it does, in a line."""


def types() -> list[AdapterType]:
    """All adapter types, sorted by name."""
    return [AdapterType(*described) for described in _native.types()]


def explain(adapter_type: str) -> str:
    """What a type accepts: keys, defaults, rules and an example, for a terminal of 80 columns.

    Raises ValueError where there is no such type; it suggests the nearest.
    """
    return _native.explain(adapter_type)


def json_schema(adapter_type: str | None = None) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type's specs; without a type, of any spec or a list of them.

    Raises ValueError where there is no such type; it suggests the nearest.
    """
    return json.loads(_native.json_schema(adapter_type))


def check(
    spec: str | bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    source: str = "<spec>",
    on_this_machine: bool = False,
) -> list[Record]:
    """Checks specs, and says everything that is wrong with them.

    `spec` is text (an object, a list of objects, or JSON Lines), or what such text says. Each document gives one record,
    as `l2-adapter check --format json` writes it: a dict with the keys `source`, `index`, `type`, `ok`, `errors`,
    `warnings` and `value`. Keys that are repeated and places can be told of text only.

    A spec may be for another machine: neither environment variables nor files of this one are looked at, unless
    `on_this_machine`.

    Raises TypeError where the spec is not text and has values that JSON cannot write.
    """
    if isinstance(spec, str):
        # Half of a surrogate pair is no text: to say so is left to the check.
        text = spec.encode("utf-8", "surrogatepass")
    elif isinstance(spec, bytes):
        text = spec
    else:
        text = json.dumps(spec).encode()
    return json.loads(_native.check(text, source, on_this_machine))
