"""Adds the adapters' metrics to those that LMCache serves: its `/metrics` prints the registry of `prometheus_client`."""

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
    """The labels of a running adapter's metrics, which distinguish it from other adapters."""

    adapter: str
    """Its number in this process, from 0."""
    receiver: str
    """The receiver's address: the adapter's own, or that of its peer."""


# Without a lock: an adapter may be withdrawn by the garbage collector, in any thread and at any point of it, also while that
# thread publishes or collects. Each use is one operation of the dict.
_running: dict[Published, _native.Adapter] = {}
_numbers = itertools.count()


def publish(native: _native.Adapter, receiver: str) -> Published:
    """Publishes an adapter's metrics."""
    published = Published(str(next(_numbers)), receiver)
    _running[published] = native
    return published


def withdraw(published: Published) -> None:
    """Withdraws the metrics. Idempotent."""
    _running.pop(published, None)


class _RunningAdapters(Collector):
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


REGISTRY.register(_RunningAdapters())
