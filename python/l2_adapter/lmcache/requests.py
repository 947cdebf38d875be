"""The requests of an LMCache server, for its PD adapters: their chunks, their parameters, and their ends.

LMCache's L2 interface carries no request ids; the server has them, and gives modules access:

    lmcache server ... --server-module '{"module_path": "l2_adapter.lmcache.requests"}'

Without it the adapter does not know requests: no proxy is notified, and `receiver_name` has no effect. The native part decides
what follows from requests.
"""

from __future__ import annotations

import functools
import json
import sys
from typing import TYPE_CHECKING, Any

from lmcache.logging import init_logger
from lmcache.v1.distributed.api import ipc_key_to_object_keys
from lmcache.v1.multiprocess import engine_module
from lmcache.v1.multiprocess.request_handler import iter_request_handlers
from lmcache.v1.multiprocess.token_hasher import TokenHasher

from l2_adapter import _native
from l2_adapter.lmcache import senders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lmcache.v1.distributed.api import ObjectKey
    from lmcache.v1.multiprocess.custom_types import IPCCacheServerKey
    from lmcache.v1.multiprocess.session import Session

logger = init_logger(__name__)

WORDS = "lmcache.pd."


def build_server_modules(context: Any) -> FollowedRequests:
    """The module, as LMCache 0.5.6 builds it."""
    return _follow(context.server_context, context.modules)


class PdRequests(getattr(engine_module, "DiscoverableModule", object)):
    """The module, as LMCache 0.5.7 and later find it."""

    module_name = "l2_adapter_pd_requests"
    # After the modules whose handlers it wraps.
    deferred = True

    @classmethod
    def create(cls, build_ctx: Any) -> FollowedRequests:
        return _follow(build_ctx.engine_context, build_ctx.built)


class FollowedRequests:
    """A module of the server. Its handlers, which `_follow` adds, call those of LMCache's own modules."""

    def __init__(self, context: Any) -> None:
        self._context = context
        # A request may also end by LMCache's limit for sessions.
        context.session_manager.destroy_listeners.append(self._session_ends)

    @property
    def context(self) -> Any:
        """The server's shared infrastructure."""
        return self._context

    def report_status(self) -> dict[str, Any]:
        """Nothing: each adapter reports its requests itself."""
        return {}

    def close(self) -> None:
        """Nothing to close: the adapters end their requests."""

    def lookup(self, builtin: Callable[..., Any], key: IPCCacheServerKey, *arguments: Any) -> Any:
        """A request begins. Chunks that L1 already has are pushed from there."""
        result = builtin(key, *arguments)
        session = self._context.session_manager.get(key.request_id)
        self._announce(key, lambda: [] if session is None else _hashes(session))
        return result

    def store(self, builtin: Callable[..., Any], key: IPCCacheServerKey, *arguments: Any) -> Any:
        """A worker stores a range of a request's chunks."""
        keys = self._announce(key, lambda: self._hashes_of_store(key))
        try:
            result = builtin(key, *arguments)
        except Exception as error:
            self._fail(key, keys, f"LMCache could not store its chunks: {error!r}")
            raise
        # `store` returns an event and whether it succeeded, `commit_store` only whether it succeeded.
        if not (result[1] if isinstance(result, tuple) else result):
            self._fail(key, keys, "LMCache could not store its chunks: see the server's log")
        return result

    commit_store = store

    def end_session(self, builtin: Callable[..., Any], request_id: str) -> Any:
        """A request ends. One without a session has no chunks."""
        result = builtin(request_id)
        for adapter in senders.running():
            adapter.finish_request(request_id)
        return result

    def _session_ends(self, session: Session) -> None:
        key = session.lookup_ipc_key
        if key is not None:
            self._announce(key, lambda: _hashes(session))
        for adapter in senders.running():
            adapter.finish_request(session.request_id)

    def _announce(self, key: IPCCacheServerKey, chunk_hashes: Callable[[], list[bytes]]) -> list[ObjectKey]:
        """Announces chunks at every rank, so that the first complete rank waits for the others. Errors are logged here; the
        server goes on without it."""
        adapters = senders.running()
        try:
            return self._announce_at(adapters, key, chunk_hashes()) if adapters else []
        except Exception:
            logger.exception("pd: the chunks of request %s are not followed", key.request_id)
            return []

    def _announce_at(
        self, adapters: Sequence[_native.Adapter], key: IPCCacheServerKey, chunk_hashes: list[bytes]
    ) -> list[ObjectKey]:
        keys = self._object_keys(key, chunk_hashes)
        words = {name: word for name, word in (key.request_configs or {}).items() if name.startswith(WORDS)}
        _native.expect(adapters, key.request_id, keys, json.dumps(words, default=str))
        self._push_from_l1(adapters, key.request_id, keys)
        return keys

    def _object_keys(self, key: IPCCacheServerKey, chunk_hashes: list[bytes]) -> list[ObjectKey]:
        registry = self._context.layout_desc_registry
        if not chunk_hashes or registry.find(key.model_name, key.world_size) is None:
            return []
        windows = registry.find_attn_desc(key.model_name, key.world_size).num_chunks_in_sw
        # LMCache stores the chunks of a sliding window only in part, so no request can wait for them.
        groups = [group for group, window in enumerate(windows) if window < 0]
        by_group = ipc_key_to_object_keys(key.no_worker_id_version(), chunk_hashes, groups)
        return [object_key for object_keys in by_group for object_key in object_keys]

    def _hashes_of_store(self, key: IPCCacheServerKey) -> list[bytes]:
        # The built-in handler does the same right after this; the session caches the hashes.
        [object_keys] = self._context.resolve_obj_keys(key, [0])
        return [object_key.chunk_hash for object_key in object_keys]

    def _push_from_l1(
        self, adapters: Sequence[_native.Adapter], request: str, keys: list[ObjectKey]
    ) -> None:
        """Stores chunks again that L1 has, as LMCache considers them stored. The store task skips those that the receiver has."""
        unclaimed = {place for adapter in adapters for place in adapter.unclaimed(request, keys)}
        if not unclaimed:
            return
        wanted = [keys[place] for place in sorted(unclaimed)]
        for manager, controller in self._l1_managers():
            in_l1 = [key for key in wanted if manager.get_object_state(key) is not None]
            if in_l1:
                controller._listener.on_l1_keys_write_finished(in_l1)

    def _l1_managers(self) -> Iterable[tuple[Any, Any]]:
        storage = self._context.storage_manager
        managers = getattr(storage, "_l1_managers_by_id", {})
        controllers = getattr(storage, "_store_controllers", {})
        return [(manager, controllers[number]) for number, manager in managers.items() if number in controllers]

    def _fail(self, key: IPCCacheServerKey, keys: list[ObjectKey], reason: str) -> None:
        for adapter in senders.running():
            adapter.fail_keys(key.request_id, keys, reason)


def _hashes(session: Session) -> list[bytes]:
    """The hashes of all whole chunks of a request."""
    return [TokenHasher.hash_to_bytes(each) for each in session.get_hashes(0)]


def _follow(context: Any, modules: Iterable[Any]) -> FollowedRequests:
    """A module with a handler for each of LMCache's handlers of requests. A later module's handler replaces
    an earlier one's of the same name."""
    builtin = {bound.operation: bound.handler for module in modules for bound in iter_request_handlers(module)}
    wrapped = {
        name: _wrapping(getattr(FollowedRequests, name), builtin[name])
        for name in ("lookup", "store", "commit_store", "end_session")
        if name in builtin
    }
    logger.info("pd: requests are followed, through %s", ", ".join(sorted(wrapped)))
    return type("FollowedRequests", (FollowedRequests,), wrapped)(context)


def _wrapping(around: Callable[..., Any], builtin: Callable[..., Any]) -> Callable[..., Any]:
    """A handler with the signature and the options of a built-in one, which LMCache compares with its protocol's."""

    @functools.wraps(builtin.__func__)
    def handler(self: FollowedRequests, *arguments: Any) -> Any:
        return around(self, builtin, *arguments)

    return handler
