"""The senders that run in this process. LMCache adds and removes adapters while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from l2_adapter import _native

# Without a lock, as in metrics.py: each use is one operation of the dict. By the time of their start.
_running: dict[int, _native.Adapter] = {}


def add(native: _native.Adapter) -> None:
    """A sender has started."""
    _running[id(native)] = native


def remove(native: _native.Adapter) -> None:
    """An adapter ends. Idempotent."""
    _running.pop(id(native), None)


def running() -> list[_native.Adapter]:
    """The senders that run now."""
    return list(_running.copy().values())
