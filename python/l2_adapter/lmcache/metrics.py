"""Adds the adapters' metrics to those that LMCache serves: its `/metrics` prints the registry of `prometheus_client`.

The first adapter of a process registers the collector there. Importing registers nothing.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, NamedTuple

from lmcache.logging import init_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from l2_adapter import _native

logger = init_logger(__name__)


class Published(NamedTuple):
    """The labels of a running adapter's metrics, which distinguish it from other adapters."""

    adapter: str
    """Its number in this process, from 0."""
    receiver: str
    """The receiver's address: the adapter's own, or that of its peer."""


# Without a lock: an adapter may be withdrawn by the garbage collector, in any thread and at any point of it, also while that
# thread publishes or collects. Each use is one operation of the dict.
_running: dict[Published, _native.Adapter] = {}
_numbers = itertools.count()
# Held by threads that start adapters only: the garbage collector, which ends some, takes no lock.
_registering = threading.Lock()
_is_registered = False


def publish(native: _native.Adapter, receiver: str) -> Published:
    """Adds an adapter's metrics to those of the process."""
    _register_once()
    published = Published(str(next(_numbers)), receiver)
    _running[published] = native
    return published


def withdraw(published: Published) -> None:
    """Withdraws the metrics. Idempotent."""
    _running.pop(published, None)


def _register_once() -> None:
    global _is_registered
    with _registering:
        if not _is_registered:
            _register()
            _is_registered = True


def _register() -> None:
    # LMCache requires it, and may stop to: then metrics are still in an adapter's `metrics()`.
    try:
        from prometheus_client import REGISTRY
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        from prometheus_client.registry import Collector
    except ModuleNotFoundError:
        logger.warning("pd: prometheus_client is not installed, so the adapter has no metrics in `/metrics`: install l2-adapter[metrics]")
        return

    class RunningAdapters(Collector):
        def describe(self) -> list[Metric]:
            # The registry needs names only if two collectors could have the same ones.
            return []

        def collect(self) -> Iterator[Metric]:
            merged: dict[str, Metric] = {}
            for published, native in _running.copy().items():
                try:
                    families = list(text_string_to_metric_families(native.metrics()))
                except Exception:
                    # An exception here would also suppress LMCache's own metrics.
                    logger.exception("pd: the metrics of %s cannot be read and are omitted", published)
                    continue
                for family in families:
                    kept = merged.setdefault(family.name, type(family)(family.name, family.documentation, family.type))
                    for sample in family.samples:
                        kept.add_sample(sample.name, {**published._asdict(), **sample.labels}, sample.value)
            yield from merged.values()

    REGISTRY.register(RunningAdapters())
