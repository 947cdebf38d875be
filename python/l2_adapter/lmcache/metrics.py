"""The adapters' metrics among those that LMCache serves: its `/metrics` is what the registry of `prometheus_client` has."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from l2_adapter import _native


class Published(NamedTuple):
    """What an adapter is told from the others by."""

    adapter: str
    """Its number in this process, from 0 on."""
    receiver: str
    """The receiver's address: its own, or the one that is sent to."""


class _Collector(Collector):
    """The running adapters of the process. Used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._adapters: dict[Published, _native.Adapter] = {}

    def publish(self, native: _native.Adapter, receiver: str) -> Published:
        with self._lock:
            published = Published(str(next(self._numbers)), receiver)
            if not self._adapters:
                REGISTRY.register(self)
            self._adapters[published] = native
        return published

    def withdraw(self, published: Published) -> None:
        with self._lock:
            if self._adapters.pop(published, None) and not self._adapters:
                REGISTRY.unregister(self)

    def describe(self) -> list[Metric]:
        # There is nothing to read when the first adapter is registered.
        return []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            adapters = list(self._adapters.items())
        families: dict[str, Metric] = {}
        for published, native in adapters:
            for family in text_string_to_metric_families(native.metrics()):
                merged = families.setdefault(family.name, type(family)(family.name, family.documentation, family.type))
                for sample in family.samples:
                    merged.add_sample(sample.name, {**published._asdict(), **sample.labels}, sample.value)
        yield from families.values()


_collector = _Collector()
publish = _collector.publish
withdraw = _collector.withdraw
