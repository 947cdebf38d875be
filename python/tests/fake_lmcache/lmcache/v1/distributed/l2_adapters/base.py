"""The interface of adapters."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import lmcache

L2TaskId = int


@dataclass(frozen=True)
class AdapterUsage:
    total_bytes_used: int
    total_capacity_bytes: int
    bytes_by_cache_salt: Mapping[str, int] = field(default_factory=dict)

    @property
    def usage_fraction(self) -> float:
        if self.total_capacity_bytes <= 0:
            return -1.0
        return self.total_bytes_used / self.total_capacity_bytes


class L2AdapterInterface(ABC):
    def __init__(self, max_capacity_bytes: int = 0) -> None:
        self._listeners = []
        self._max_capacity_bytes = max_capacity_bytes

    @abstractmethod
    def get_store_event_fd(self): ...

    @abstractmethod
    def get_lookup_and_lock_event_fd(self): ...

    @abstractmethod
    def get_load_event_fd(self): ...

    @abstractmethod
    def submit_store_task(self, keys, objects): ...

    @abstractmethod
    def pop_completed_store_tasks(self): ...

    @abstractmethod
    def submit_lookup_and_lock_task(self, keys, group_layout_descs): ...

    @abstractmethod
    def query_lookup_and_lock_result(self, task_id): ...

    @abstractmethod
    def submit_unlock(self, keys): ...

    @abstractmethod
    def submit_load_task(self, keys, objects): ...

    @abstractmethod
    def query_load_result(self, task_id): ...

    @abstractmethod
    def close(self): ...

    if lmcache.HAS_MEMORY_TAGS:

        @abstractmethod
        def get_memory_tags(self): ...

        def submit_touch(self, keys):
            self._notify_keys_accessed(keys)

    def register_listener(self, listener):
        self._listeners.append(listener)

    def _notify_keys_stored(self, keys, sizes):
        for listener in self._listeners:
            listener.on_l2_keys_stored(keys, sizes)

    def _notify_keys_accessed(self, keys):
        for listener in self._listeners:
            listener.on_l2_keys_accessed(keys)

    def _notify_keys_deleted(self, keys, sizes):
        for listener in self._listeners:
            listener.on_l2_keys_deleted(keys)

    @property
    def supports_global_eviction(self) -> bool:
        return self._max_capacity_bytes > 0

    def delete(self, keys): ...

    def get_usage(self): ...

    def report_status(self): ...
