"""The parts of an LMCache server that handle requests: sessions, a module that stores, an L1 and its store controller."""

import json
import threading
import time
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from lmcache.v1.distributed.api import ObjectKey, ipc_key_to_object_keys
from lmcache.v1.multiprocess import engine_module
from memory import memory_object
from node import HANGS_AFTER_SECONDS

from l2_adapter.lmcache import requests

CHUNK_BYTES = 4096


def wait_until(what, condition):
    deadline = time.monotonic() + HANGS_AFTER_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.001)


class Proxy:
    """The notifications that LMCache's multiprocess proxy receives."""

    def __init__(self):
        notified = self.notified = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                [request] = body["request_ids_set"]
                notified.append((request, body.get("failure")))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.spec = {"proxy_host": "127.0.0.1", "proxy_port": self.server.server_port, "proxy_protocol": "http"}

    def take(self, count):
        """The first requests that were notified, and whether each had failed."""
        wait_until(f"{count} notifications", lambda: len(self.notified) >= count)
        return [(request, failure is not None) for request, failure in self.notified]


@dataclass(frozen=True)
class Key:
    """The key that a worker sends with a call; without a `worker_id`, the scheduler's."""

    request_id: str
    chunks: tuple
    request_configs: dict | None = None
    worker_id: int | None = None
    world_size: int = 1
    model_name: str = "org/model"
    cache_salt: str = ""

    def no_worker_id_version(self):
        return replace(self, worker_id=None)

    @property
    def hashes(self):
        return [number.to_bytes(4, "big") for number in self.chunks]


@dataclass
class Session:
    request_id: str
    lookup_ipc_key: Key

    def get_hashes(self, start):
        return self.lookup_ipc_key.hashes[start:]


class Sessions(dict):
    def __init__(self):
        self.destroy_listeners = []

    def remove(self, request):
        session = self.pop(request, None)
        for listener in self.destroy_listeners if session else ():
            listener(session)


def handler(function):
    function.__lmcache_request_handler_options__ = SimpleNamespace(operation=None)
    return function


class Builtin:
    """LMCache's own handlers."""

    def __init__(self, server):
        self.server = server
        self.fails = False

    @handler
    def lookup(self, key: Key, tp_size: int) -> None:
        if key.chunks:
            self.server.session_manager.setdefault(key.request_id, Session(key.request_id, key))

    @handler
    def commit_store(self, key: Key, instance_id: int, cpu_data: bytes) -> bool:
        if not self.fails:
            self.server.write(self.server.resolve_obj_keys(key, [0])[0])
        return not self.fails

    @handler
    def end_session(self, request_id: str) -> None:
        self.server.session_manager.remove(request_id)


class Server:
    """A server with these adapters. L1 keeps chunks that were stored, as with LMCache's policy `default`."""

    def __init__(self, adapters, world_size=1):
        self.adapters = adapters
        self.world_size = world_size
        self.l1 = {}
        self.session_manager = Sessions()
        self.layout_desc_registry = SimpleNamespace(
            find=lambda model, size: "known", find_attn_desc=lambda model, size: SimpleNamespace(num_chunks_in_sw=[-1])
        )
        manager = SimpleNamespace(get_object_state=self.l1.get)
        listener = SimpleNamespace(on_l1_keys_write_finished=self.push)
        self.storage_manager = SimpleNamespace(
            _l1_managers_by_id={7: manager}, _store_controllers={7: SimpleNamespace(_listener=listener)}
        )
        self.builtin = Builtin(self)
        self.module = self._module()

    def _module(self):
        if hasattr(engine_module, "DiscoverableModule"):
            return requests.PdRequests.create(SimpleNamespace(engine_context=self, built=[self.builtin]))
        return requests.build_server_modules(SimpleNamespace(server_context=self, modules=(self.builtin,)))

    def resolve_obj_keys(self, key, groups):
        return ipc_key_to_object_keys(key, key.hashes, groups)

    def write(self, keys):
        """Writes the keys that L1 does not have yet."""
        new = [key for key in keys if key not in self.l1]
        self.l1.update((key, memory_object(repr(key).encode().ljust(CHUNK_BYTES))) for key in new)
        if new:
            self.push(new)

    def push(self, keys):
        for adapter in self.adapters:
            adapter.submit_store_task(keys, [self.l1[key] for key in keys])

    def key(self, request, chunks, receiver=None, **more):
        parameters = {"lmcache.other": 1, **({"lmcache.pd.receiver": receiver} if receiver else {}), **more}
        return Key(request, tuple(chunks), parameters, world_size=self.world_size)

    def look_up(self, key):
        self.module.lookup(key, 1)

    def store(self, key, rank=0):
        return self.module.commit_store(replace(key, worker_id=rank), 1, b"")

    def end(self, key):
        self.module.end_session(key.request_id)

    def serve(self, key):
        """Runs a request from its beginning to its end."""
        self.look_up(key)
        for rank in range(self.world_size):
            self.store(key, rank)
        self.end(key)


def keys_of(key):
    """The keys of a request, at every rank."""
    [keys] = ipc_key_to_object_keys(key.no_worker_id_version(), key.hashes, [0])
    return keys


def found(receiver, keys: list[ObjectKey]):
    """Which keys a receiver has."""
    task = receiver.submit_lookup_and_lock_task(keys, {})
    results = []
    wait_until("the lookup", lambda: results.append(receiver.query_lookup_and_lock_result(task)) or results[-1] is not None)
    receiver.submit_unlock([keys[place] for place in results[-1].get_indices_list()])
    return results[-1].get_indices_list()
