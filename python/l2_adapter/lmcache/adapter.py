"""The PD adapter behind LMCache's `L2AdapterInterface`. It converts types; the native part does the work."""

from __future__ import annotations

import json
import os
import sys
import weakref
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lmcache.lmcache_native import Bitmap
from lmcache.logging import init_logger
from lmcache.v1.distributed import api
from lmcache.v1.distributed.api import ObjectKey
from lmcache.v1.distributed.internal_api import L2StoreResult
from lmcache.v1.distributed.l2_adapters.base import AdapterUsage, L2AdapterInterface

from l2_adapter import _native
from l2_adapter.lmcache import layouts, metrics, module_flag, senders
from l2_adapter.lmcache.config import PdL2AdapterConfig
from l2_adapter.lmcache.versions import ImplementsEveryMethod

if TYPE_CHECKING:
    from lmcache.v1.distributed.api import MemoryLayoutDesc, MemoryTags
    from lmcache.v1.distributed.internal_api import L1MemoryDesc
    from lmcache.v1.distributed.l2_adapters.base import L2TaskId
    from lmcache.v1.memory_management import MemoryObj

logger = init_logger(__name__)


class PdL2Adapter(ImplementsEveryMethod, L2AdapterInterface):
    """Hands KV chunks from a prefill server (`"role": "sender"`) to a decode server (`"role": "receiver"`).

    A sender pushes what it stores to the receiver and finds nothing. A receiver finds and loads what was pushed to it; its
    own stores succeed at once, with 0 bytes. It may be used from any thread.
    """

    def __init__(
        self, config: PdL2AdapterConfig | dict[str, Any], l1_memory_desc: L1MemoryDesc | None = None
    ) -> None:
        """Starts the adapter. Raises ValueError for an invalid spec, and RuntimeError if the adapter cannot run here, also
        if LMCache requires methods that this version of the package does not have."""
        if not isinstance(config, PdL2AdapterConfig):
            config = PdL2AdapterConfig.from_dict(config)
        is_receiver = config.role == "receiver"
        # A sender keeps no chunks, so it has nothing to evict.
        super().__init__(config.buffer_size * len(config.peer_init_port) if is_receiver else 0)
        self._config = config
        self._native = _native.Adapter(
            config.native,
            _stable_memory(l1_memory_desc),
            [folder for folder in sys.path if folder],
            weakref.ref(self),
            ObjectKey,
            logger.getEffectiveLevel(),
        )
        # Copies: closing the adapter closes LMCache's descriptors; the native part keeps its own until no thread polls them.
        descriptors = self._store_fd, self._lookup_and_lock_fd, self._load_fd = (
            os.dup(self._native.store_event_fd()),
            os.dup(self._native.lookup_and_lock_event_fd()),
            os.dup(self._native.load_event_fd()),
        )
        published = metrics.publish(self._native, f"{config.peer_host}:{config.peer_init_port[0]}")
        if not is_receiver:
            senders.add(self._native)
            _look_for_module(config)
        # Also if `close` is never called: threads that outlive the interpreter would crash the process.
        self._end = weakref.finalize(self, _end, self._native, descriptors, published)

    def get_store_event_fd(self) -> int:
        """The descriptor that is readable when stores have completed; -1 when the adapter is closed."""
        return self._store_fd

    def get_lookup_and_lock_event_fd(self) -> int:
        """The descriptor that is readable when lookups have completed; -1 when the adapter is closed."""
        return self._lookup_and_lock_fd

    def get_load_event_fd(self) -> int:
        """The descriptor that is readable when loads have completed; -1 when the adapter is closed."""
        return self._load_fd

    def submit_store_task(self, keys: list[ObjectKey], objects: list[MemoryObj]) -> L2TaskId:
        """Stores memory objects. Their bytes are read in place until the result is popped."""
        return self._native.submit_store(keys, objects, self._layouts(objects))

    def submit_store_task_of_request(
        self, request: str, keys: list[ObjectKey], objects: list[MemoryObj]
    ) -> L2TaskId:
        """Stores memory objects of a request of the serving engine; the proxy is notified of the request."""
        return self._native.submit_store(keys, objects, self._layouts(objects), request)

    def finish_request(self, request: str) -> None:
        """No further chunk belongs to the request: when its store tasks have ended, the proxy is notified."""
        self._native.finish_request(request)

    def _layouts(self, objects: list[MemoryObj]) -> list[_native.Layout | None]:
        # Stores of a receiver have no effect.
        return [layouts.of_object(each) for each in objects] if self._config.role == "sender" else []

    def pop_completed_store_tasks(self) -> dict[L2TaskId, L2StoreResult]:
        """The results of all completed stores, each once. The reason of a failure is logged."""
        results = {}
        for task, successful, transferred, failure in self._native.pop_completed_stores():
            if not successful:
                logger.warning("%r: store task %d failed: %s", self._native, task, failure)
            results[task] = L2StoreResult(successful, transferred)
        return results

    def submit_lookup_and_lock_task(
        self, keys: list[ObjectKey], group_layout_descs: dict[int, MemoryLayoutDesc]
    ) -> L2TaskId:
        """Looks keys up, and locks those that are found in the layout of their object group. A receiver waits for keys that
        are being written."""
        return self._native.submit_lookup_and_lock(keys, layouts.of_groups(group_layout_descs))

    def query_lookup_and_lock_result(self, task_id: L2TaskId) -> Bitmap | None:
        """Which keys were found and locked; None while the task runs, and after the result was taken."""
        return _bitmap(self._native.query_lookup_and_lock(task_id))

    def submit_unlock(self, keys: list[ObjectKey]) -> None:
        """Releases one lock of each key."""
        self._native.unlock(keys)

    def submit_load_task(self, keys: list[ObjectKey], objects: list[MemoryObj]) -> L2TaskId:
        """Loads into memory objects. Their bytes are written in place until the result is taken."""
        return self._native.submit_load(keys, objects)

    def query_load_result(self, task_id: L2TaskId) -> Bitmap | None:
        """Which keys were loaded; None while the task runs, and after the result was taken."""
        return _bitmap(self._native.query_load(task_id))

    def get_memory_tags(self) -> MemoryTags:
        """Where stored bytes are: in this node's memory on a receiver, in the receiver's on a sender.

        LMCache calls it from 0.5.7 on; 0.5.6 has no memory tags.
        """
        # Looked up in the module, because 0.5.6 does not have these names to import.
        is_receiver = self._config.role == "receiver"
        residency = api.MemoryResidency.LOCAL if is_receiver else api.MemoryResidency.REMOTE
        return api.MemoryTags(api.MemorySegment.DRAM, residency)

    def delete(self, keys: list[ObjectKey]) -> None:
        """Deletes keys. Locked and unknown keys are ignored."""
        self._native.delete(keys)

    def get_usage(self) -> AdapterUsage:
        """The usage of a receiver's buffer. A sender keeps no chunks."""
        used, capacity, by_salt = self._native.usage()
        return AdapterUsage(
            total_bytes_used=used,
            total_capacity_bytes=capacity or 0,
            bytes_by_cache_salt=MappingProxyType(by_salt),
        )

    def report_status(self) -> dict[str, Any]:
        """Whether the adapter serves, why not, and the state of each TP rank and of the proxy's notifications."""
        trouble = self._native.trouble()
        return {
            "is_healthy": trouble is None,
            "type": type(self).__name__,
            "role": self._config.role,
            "trouble": trouble,
            **json.loads(self._native.status()),
        }

    def metrics(self) -> str:
        """The status as OpenMetrics text. LMCache's `/metrics` has the same, with labels that distinguish the adapters."""
        return self._native.metrics()

    def close(self) -> None:
        """Closes the adapter within a bounded time: completes open tasks, releases threads, ports and descriptors."""
        # A concurrent second call waits here; the rest runs once.
        self._native.close()
        self._store_fd = self._lookup_and_lock_fd = self._load_fd = -1
        self._end()


def _look_for_module(config: PdL2AdapterConfig) -> None:
    needing = [key for key, value in (("proxy_host", config.proxy_host), ("receiver_name", config.receiver_name)) if value]
    if needing and not module_flag.is_loaded():
        logger.warning(
            "pd: this spec has %s, but the server module that follows requests is missing. Without it no "
            "proxy is notified and no receiver is chosen. Add to the server's command line: %s",
            " and ".join(f"`{key}`" for key in needing),
            module_flag.TEXT,
        )


def _end(native: _native.Adapter, descriptors: tuple[int, ...], published: metrics.Published) -> None:
    senders.remove(native)
    native.close()
    metrics.withdraw(published)
    for descriptor in descriptors:
        os.close(descriptor)


def _stable_memory(description: L1MemoryDesc | None) -> tuple[int, int, int] | None:
    """Address, size and alignment of the part of L1 that never moves. A lazy L1 has one, too: its beginning.

    LMCache reports none for an L1 in shared memory, because io_uring cannot register that. NIXL can, and the mapping never moves.
    """
    if description is None:
        return None
    size = description.stable_registration_size
    if not size and _is_shared_memory(description.ptr, description.size):
        size = description.size
    return (description.ptr, size, description.align_bytes) if size else None


def _is_shared_memory(address: int, size: int) -> bool:
    """Whether one mapping of a file in `/dev/shm` has all of these bytes, according to the kernel."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        bounds, _, _, _, _, *names = line.split(maxsplit=5)
        start, end = (int(bound, 16) for bound in bounds.split("-"))
        if start <= address and address + size <= end:
            return bool(names) and names[0].startswith("/dev/shm/")
    return False


def _bitmap(found: tuple[int, list[int]] | None) -> Bitmap | None:
    if found is None:
        return None
    size, indices = found
    bitmap = Bitmap(size)
    bitmap.batched_set(indices)
    return bitmap
