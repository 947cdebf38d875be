"""LMCache L2 adapters: lists and documents their types, and validates specs.

This package does not need LMCache, except `l2_adapter.lmcache`, the PD adapter for LMCache's servers. Importing starts
nothing.
"""

import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any, Literal, NamedTuple, overload

from l2_adapter import _native
from l2_adapter._native import SpecError, __version__
from l2_adapter.records import Fault, Misfit, PairsRecord, PlacedFault, PlacedWarning, Record, SpecPlace

__all__ = [
    "AdapterType",
    "Fault",
    "Misfit",
    "PairsRecord",
    "PlacedFault",
    "PlacedWarning",
    "Record",
    "SpecError",
    "SpecPlace",
    "__version__",
    "check",
    "explain",
    "json_schema",
    "types",
]


class AdapterType(NamedTuple):
    """An L2 adapter type."""

    name: str
    """The `type` of its specs."""
    has_runtime: bool
    """Whether adapters of this type can be run; otherwise their specs can only be validated."""
    summary: str
    """Its summary, one line."""


def types() -> list[AdapterType]:
    """All adapter types, sorted by name."""
    return [AdapterType(*described) for described in _native.types()]


def explain(adapter_type: str, key: str | None = None) -> str:
    """The help text of a type: keys, defaults, rules and an example, for a terminal of 80 columns.

    With a key, only that key and the rules that read it. A key is named by its name, or by its path as in faults.

    Raises ValueError for an unknown type or key; the message suggests the nearest one.
    """
    return _native.explain(adapter_type, key)


def json_schema(adapter_type: str | None = None, *, lmcache: str | None = None) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type's specs; without a type, of any spec or a list of them.

    `lmcache` is the version of LMCache that the specs are for, as in `check`.

    Raises ValueError for an unknown type, in which case the message suggests the nearest one, and for an unknown version.
    """
    schema: dict[str, Any] = json.loads(_native.json_schema(adapter_type, _lmcache_version(lmcache)))
    return schema


def _lmcache_version(asked_for: str | None) -> str | None:
    """The version that was asked for, else the one that is installed; None if there is none."""
    if asked_for is not None:
        return asked_for
    try:
        return metadata.version("lmcache")
    except metadata.PackageNotFoundError:
        return None


@overload
def check(
    spec: str | bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    source: str = ...,
    on_this_machine: bool = ...,
    pairs: Literal[False],
) -> list[Record]: ...


@overload
def check(
    spec: str | bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    source: str = ...,
    on_this_machine: bool = ...,
    pairs: bool = ...,
) -> list[Record | PairsRecord]: ...


def check(
    spec: str | bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    source: str = "<spec>",
    on_this_machine: bool = False,
    lmcache: str | None = None,
    pairs: bool = True,
) -> list[Record] | list[Record | PairsRecord]:
    """Validates specs and returns every fault, as `l2-adapter check --format json` prints it.

    `spec` is text (an object, a list of objects, or JSON Lines), or the values that such text describes. Each document gives one
    record: a dict with the keys `source`, `index`, `type`, `ok`, `errors`, `warnings` and `value`. Repeated keys and places are
    known for text only.

    Several `pd` specs are compared with each other, unless `pairs` is false. If they do not fit, one more record follows: a
    dict with the keys `ok` and `pairs`. So `all(record["ok"] for record in check(specs))` is true if they can be used.

    A spec may be for another machine: neither environment variables nor files of this one are looked at, unless
    `on_this_machine`.

    `lmcache` is the version of LMCache that the spec is for, "0.5.6" or "0.5.7". Without it, that is the version that is installed,
    and 0.5.6 if none is.

    Raises TypeError if the spec is not text and has values that JSON cannot write, and ValueError if the specs of that LMCache
    are not known.
    """
    if isinstance(spec, str):
        # Half of a surrogate pair is not text; the check reports it.
        text = spec.encode("utf-8", "surrogatepass")
    elif isinstance(spec, bytes):
        text = spec
    else:
        text = json.dumps(spec).encode()
    version = _lmcache_version(lmcache)
    records: list[Record | PairsRecord] = json.loads(_native.check(text, source, on_this_machine, version, pairs))
    return records
