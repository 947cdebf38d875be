"""The LMCache versions with which this package was tested, and the error for a version that requires more of a plug-in."""

from __future__ import annotations

from typing import Any

import lmcache

import l2_adapter

TRIED_VERSIONS = ("0.5.6", "0.5.7rc2")


class ImplementsEveryMethod:
    """Base of our classes behind LMCache's interfaces: the error for a missing abstract method names it."""

    def __new__(cls, *_arguments: Any, **_named_arguments: Any) -> Any:
        # Python's own TypeError would name neither the LMCache that requires the methods, nor the versions that do not.
        missing = sorted(getattr(cls, "__abstractmethods__", ()))
        if missing:
            raise RuntimeError(_refusal(cls, missing))
        return super().__new__(cls)


def _refusal(cls: type, missing: list[str]) -> str:
    methods = ", ".join(f"`{_declaring(cls, name)}.{name}`" for name in missing)
    return (
        f"{cls.__name__} does not implement {methods}, which LMCache {getattr(lmcache, '__version__', 'unknown')} requires. "
        f"l2-adapter {l2_adapter.__version__} was tested with LMCache {' and '.join(TRIED_VERSIONS)}: "
        "install one of these, or a later l2-adapter"
    )


def _declaring(cls: type, name: str) -> str:
    """The interface that requires a method."""
    return next(base.__name__ for base in cls.__mro__ if name in vars(base))
