"""The adapters' metrics among those that LMCache serves: its `/metrics` is what the registry of `prometheus_client` has."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from lmcache.logging import init_logger
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from l2_adapter import _native

logger = init_logger(__name__)


class Published(NamedTuple):
    """What tells a running adapter from the others: labels of all its metrics."""

    adapter: str
    """Its number in this process, from 0 on."""
    receiver: str
    """The receiver's address: its own, or the one that is sent to."""


# Without a lock: an adapter may be withdrawn by the garbage collector, in any thread and at any point of it, also while that
# thread publishes or collects. Each use is one operation of the dict.
_running: dict[Published, _native.Adapter] = {}
_numbers = itertools.count()


def publish(native: _native.Adapter, receiver: str) -> Published:
    """From now on an adapter's metrics are there."""
    published = Published(str(next(_numbers)), receiver)
    _running[published] = native
    return published


def withdraw(published: Published) -> None:
    """They are there no more. May be repeated."""
    _running.pop(published, None)


class _RunningAdapters(Collector):
    def describe(self) -> list[Metric]:
        # Names are the registry's business only where two collectors could have the same.
        return []

    def collect(self) -> Iterator[Metric]:
        merged: dict[str, Metric] = {}
        for published, native in _running.copy().items():
            try:
                families = list(text_string_to_metric_families(native.metrics()))
            except Exception:
                # What is raised here would take LMCache's own metrics away, too.
                logger.exception("pd: the metrics of %s cannot be read: they are left out", published)
                continue
            for family in families:
                kept = merged.setdefault(family.name, type(family)(family.name, family.documentation, family.type))
                for sample in family.samples:
                    kept.add_sample(sample.name, {**published._asdict(), **sample.labels}, sample.value)
        yield from merged.values()


REGISTRY.register(_RunningAdapters())
