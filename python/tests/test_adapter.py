"""`PdL2Adapter` as LMCache's controllers use it: descriptors, results, errors, memory, listeners, closing."""

import fcntl
import gc
import json
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from abc import ABC, abstractmethod
from pathlib import Path

import lmcache
import pytest
from lmcache.v1.distributed import api
from lmcache.v1.distributed.api import ObjectKey
from lmcache.v1.distributed.internal_api import L2AdapterListener
from memory import memory_object
from node import HANGS_AFTER_SECONDS, Chunk, Node, pd_specs, wait

from l2_adapter.lmcache import PdL2Adapter
from l2_adapter.lmcache.versions import TRIED_VERSIONS

DESCRIPTORS = ["get_store_event_fd", "get_lookup_and_lock_event_fd", "get_load_event_fd"]


# Memory tags and touches are new in LMCache 0.5.7.
since_memory_tags = pytest.mark.skipif(not hasattr(api, "MemoryTags"), reason="this LMCache has no memory tags")


def descriptors(adapter):
    return [getattr(adapter, name)() for name in DESCRIPTORS]


def threads():
    return set(os.listdir("/proc/self/task"))


def wait_for_end(begun):
    """Waits until threads have ended. The system lists a thread for some time after it was joined."""
    deadline = time.monotonic() + HANGS_AFTER_SECONDS
    while begun & threads():
        assert time.monotonic() < deadline, "a thread still runs"


def can_listen(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return listener.connect_ex(("127.0.0.1", port)) != 0


class Recorder(L2AdapterListener):
    """Records notifications, and signals when it has as many as expected."""

    def __init__(self, expected):
        self.expected = expected
        self.events = []
        self.complete = threading.Event()

    def record(self, what, keys):
        self.events += [(what, key) for key in keys]
        if len(self.events) >= self.expected:
            self.complete.set()

    def on_l2_keys_stored(self, keys, sizes):
        self.record("stored", zip(keys, sizes, strict=True))

    def on_l2_keys_accessed(self, keys):
        self.record("accessed", keys)

    def on_l2_keys_deleted(self, keys):
        self.record("deleted", keys)


def test_errors_name_the_lmcache_version_of_these_tests():
    assert lmcache.__version__ in TRIED_VERSIONS


def test_the_error_names_methods_that_a_later_lmcache_requires_and_nothing_starts():
    class LaterInterface(ABC):
        @abstractmethod
        def required_later(self): ...

        @abstractmethod
        def also_required_later(self): ...

    class Adapter(PdL2Adapter, LaterInterface):
        pass

    before = threads()
    with pytest.raises(RuntimeError) as refused:
        Adapter(pd_specs().receiver)
    message = str(refused.value)
    assert "Adapter does not implement `LaterInterface.also_required_later`, `LaterInterface.required_later`" in message
    assert f"which LMCache {lmcache.__version__} requires" in message
    assert f"tested with LMCache {' and '.join(TRIED_VERSIONS)}" in message
    assert threads() <= before


@since_memory_tags
@pytest.mark.parametrize(("role", "residency"), [("sender", "REMOTE"), ("receiver", "LOCAL")])
def test_memory_tags_name_the_memory_of_the_receivers_node(started, role, residency):
    tags = started(getattr(pd_specs(), role)).get_memory_tags()
    assert tags == api.MemoryTags(api.MemorySegment.DRAM, api.MemoryResidency[residency])


@pytest.mark.parametrize("role", ["sender", "receiver"])
def test_each_role_has_three_descriptors_that_do_not_block(started, role):
    adapter = started(getattr(pd_specs(), role))
    found = descriptors(adapter)
    assert len(set(found)) == 3 and min(found) > 0
    assert all(fcntl.fcntl(one, fcntl.F_GETFL) & os.O_NONBLOCK for one in found)
    assert not any(os.get_inheritable(one) for one in found)


def test_closing_closes_the_descriptors_and_may_be_repeated(started):
    adapter = started(pd_specs().receiver)
    found = descriptors(adapter)
    adapter.close()
    adapter.close()
    for descriptor in found:
        with pytest.raises(OSError):
            os.fstat(descriptor)
    assert descriptors(adapter) == [-1, -1, -1]


def test_closing_ends_threads_and_releases_ports():
    spec = pd_specs().receiver
    before = threads()
    adapter = PdL2Adapter(spec)
    begun = threads() - before
    assert begun and not can_listen(spec["peer_init_port"][0])
    adapter.close()
    assert can_listen(spec["peer_init_port"][0])
    wait_for_end(begun)


def test_an_adapter_that_is_garbage_collected_is_closed():
    spec = pd_specs().receiver
    before, open_before = threads(), len(os.listdir("/proc/self/fd"))
    adapter = PdL2Adapter(spec)
    begun = threads() - before
    del adapter
    gc.collect()
    assert begun and len(os.listdir("/proc/self/fd")) == open_before
    wait_for_end(begun)


def test_a_process_that_never_closes_its_adapter_exits_normally():
    program = "import json, sys; from node import *; kept = PdL2Adapter(json.loads(sys.argv[1])); print('started')"
    run = subprocess.run(
        [sys.executable, "-c", program, json.dumps(pd_specs().receiver)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        timeout=HANGS_AFTER_SECONDS,
        text=True,
    )
    assert (run.stdout, run.returncode) == ("started\n", 0)


@pytest.mark.parametrize(("level", "is_logged"), [("DEBUG", True), ("INFO", True), ("WARNING", False)])
def test_the_native_part_logs_at_the_level_of_lmcaches_loggers(level, is_logged):
    program = (
        "import json, logging, sys\n"
        "from node import *\n"
        "logging.getLogger('l2_adapter.lmcache.adapter').setLevel(sys.argv[3])\n"
        "receiver, sender = (PdL2Adapter(json.loads(spec)) for spec in sys.argv[1:3])\n"
        "Node(sender).store([Chunk(1)])\n"
        "sender.close()\n"
        "while not receiver.report_status()['ranks'][0]['senders_died']: pass\n"
    )
    specs = pd_specs()
    run = subprocess.run(
        [sys.executable, "-c", program, json.dumps(specs.receiver), json.dumps(specs.sender), level],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        check=True,
        timeout=HANGS_AFTER_SECONDS,
        text=True,
    )
    assert ("a sender has disconnected" in run.stderr) == is_logged
    # The HTTP/2 library would log each frame.
    assert "frame=" not in run.stderr


def test_a_receivers_own_stores_succeed_at_once_with_no_bytes(started):
    result = Node(started(pd_specs().receiver)).store([Chunk(1)])
    assert (result.is_successful(), result.bytes_transferred()) == (True, 0)


def test_a_sender_finds_and_loads_nothing(started):
    node = Node(started(pd_specs().sender))
    assert (node.look_up([Chunk(1), Chunk(2)]), node.load([Chunk(1)])[0]) == ([], [])


def test_the_reason_of_a_failed_store_is_logged(started, caplog):
    node = Node(started({**pd_specs().sender, "timing": {"store_seconds": 0.2}}))
    assert int(node.store([Chunk(1)])) == -1
    assert "failed:" in caplog.text


def test_a_result_is_returned_once(started):
    adapter = started(pd_specs().receiver)
    task = adapter.submit_lookup_and_lock_task([Chunk(1).key], {})
    while adapter.query_lookup_and_lock_result(task) is None:
        pass
    assert adapter.query_lookup_and_lock_result(task) is None


def test_an_unknown_task_has_no_result(started):
    adapter = started(pd_specs().receiver)
    assert (adapter.query_load_result(99), adapter.query_lookup_and_lock_result(99)) == (None, None)


def test_every_key_needs_a_memory_object(started):
    adapter = started(pd_specs().sender)
    with pytest.raises(ValueError, match="got 1 keys, 0 objects"):
        adapter.submit_store_task([Chunk(1).key], [])


def test_loading_into_read_only_memory_is_an_error(started):
    adapter = started(pd_specs().receiver)

    class Fixed:
        byte_array = b"cannot be written"

    with pytest.raises(BufferError, match="read-only"):
        adapter.submit_load_task([Chunk(1).key], [Fixed()])


def test_memory_that_is_not_contiguous_is_refused(started):
    adapter = started(pd_specs().sender)

    class InPieces:
        byte_array = memoryview(bytearray(16))[::2]

    with pytest.raises(BufferError, match="not contiguous"):
        adapter.submit_store_task([Chunk(1).key], [InPieces()])


def test_an_impossible_key_is_refused(started):
    adapter = started(pd_specs().receiver)
    with pytest.raises(ValueError, match="@"):
        adapter.submit_lookup_and_lock_task([Chunk(1, salt="a@b").key], {})


def test_a_memory_object_is_kept_until_the_result_is_taken(started):
    adapter = started({**pd_specs().sender, "timing": {"store_seconds": 0.2}})
    stored = memory_object(bytes(4096))
    kept = weakref.ref(stored)
    adapter.submit_store_task([Chunk(1).key], [stored])
    del stored
    wait(adapter.get_store_event_fd())
    assert kept() is not None
    adapter.pop_completed_store_tasks()
    assert kept() is None


def test_closing_releases_every_memory_object(started):
    adapter = started(pd_specs().sender)
    stored = memory_object(bytes(4096))
    kept = weakref.ref(stored)
    adapter.submit_store_task([Chunk(1).key], [stored])
    del stored
    adapter.close()
    assert kept() is None


def test_the_error_names_a_port_that_is_in_use():
    spec = pd_specs().receiver
    with socket.create_server(("127.0.0.1", spec["peer_init_port"][0])):
        with pytest.raises(RuntimeError, match=str(spec["peer_init_port"][0])):
            PdL2Adapter(spec)


def test_an_invalid_spec_starts_nothing():
    before = threads()
    with pytest.raises(ValueError, match="2 faults"):
        PdL2Adapter({"role": "sender", "peer_host": "h"})
    assert threads() <= before


def test_a_closed_adapter_is_not_healthy_and_completes_tasks_without_a_result(started):
    adapter = started(pd_specs().receiver)
    assert adapter.report_status()["is_healthy"]
    adapter.close()
    assert not adapter.report_status()["is_healthy"]
    task = adapter.submit_lookup_and_lock_task([Chunk(1).key], {})
    assert adapter.query_lookup_and_lock_result(task).popcount() == 0


def test_only_a_receiver_supports_eviction(started):
    specs = pd_specs(ranks=2)
    receiver, sender = started(specs.receiver), started(specs.sender)
    assert (receiver.supports_global_eviction, receiver.get_usage().total_capacity_bytes) == (True, 2 * (16 << 20))
    assert (sender.supports_global_eviction, sender.get_usage().usage_fraction) == (False, -1.0)


def test_listeners_are_notified_of_stored_accessed_and_deleted_keys(started):
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)
    recorder, chunk = Recorder(expected=4), Chunk(1, 4096, salt="tenant", group=3)
    receiver.register_listener(recorder)
    assert Node(sender).store([chunk]).is_successful()
    node = Node(receiver)
    node.look_up([chunk])
    node.load([chunk])
    node.unlock([chunk])
    node.delete([chunk])
    assert recorder.complete.wait(HANGS_AFTER_SECONDS)
    assert recorder.events == [
        ("stored", (chunk.key, 4096)),
        ("accessed", chunk.key),
        ("accessed", chunk.key),
        ("deleted", chunk.key),
    ]


@since_memory_tags
def test_a_touch_notifies_an_access_and_locks_no_chunk(started):
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)
    stored, chunk = Recorder(expected=1), Chunk(1, 4096)
    receiver.register_listener(stored)
    assert Node(sender).store([chunk]).is_successful()
    assert stored.complete.wait(HANGS_AFTER_SECONDS)
    receiver.submit_touch([chunk.key])
    assert stored.events == [("stored", (chunk.key, 4096)), ("accessed", chunk.key)]
    Node(receiver).delete([chunk])
    assert receiver.get_usage().total_bytes_used == 0


def test_an_exception_in_a_listener_is_reported_and_later_events_are_delivered(started, monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reported.append(report.exc_value))
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)

    class Failing(Recorder):
        def on_l2_keys_stored(self, keys, sizes):
            raise KeyError("expected")

    recorder = Failing(expected=1)
    receiver.register_listener(recorder)
    Node(sender).store([Chunk(1)])
    Node(receiver).look_up([Chunk(1)])
    assert recorder.complete.wait(HANGS_AFTER_SECONDS)
    assert [type(error) for error in reported] == [KeyError]


def test_listeners_are_called_no_more_often_than_every_two_milliseconds(started):
    # Each call takes the interpreter from other threads, and a load notifies chunk by chunk.
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)
    chunks = [Chunk(number, 4096) for number in range(500)]

    class Counting(Recorder):
        calls = 0

        def on_l2_keys_accessed(self, keys):
            self.calls += 1
            super().on_l2_keys_accessed(keys)

    # A chunk is stored, looked up and loaded.
    recorder = Counting(expected=1500)
    receiver.register_listener(recorder)
    Node(sender).store(chunks)
    began = time.monotonic()
    Node(receiver).look_up(chunks)
    Node(receiver).load(chunks)
    assert recorder.complete.wait(HANGS_AFTER_SECONDS)
    assert recorder.calls <= 1 + (time.monotonic() - began) / 0.002


def test_a_slow_listener_gets_notifications_up_to_the_bound_and_the_log_counts_the_rest(started, capfd):
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)
    stored, released = threading.Event(), threading.Event()

    class LongNamed(Chunk):
        """A chunk with a long key: 15 keys are just below the bound of 64 MiB, 16 above it."""

        @property
        def key(self):
            return ObjectKey(b"\0" * 32, "m" * (4 << 20), 0)

    class Waiting(Recorder):
        def on_l2_keys_stored(self, keys, sizes):
            stored.set()

        def on_l2_keys_accessed(self, keys):
            assert released.wait(HANGS_AFTER_SECONDS)
            super().on_l2_keys_accessed(keys)

    chunk, recorder = LongNamed(1, 4096), Waiting(expected=15)
    receiver.register_listener(recorder)
    assert Node(sender).store([chunk]).is_successful()
    # The queue is empty from here on.
    assert stored.wait(HANGS_AFTER_SECONDS)
    for _ in range(20):
        Node(receiver).look_up([chunk])
    released.set()
    assert recorder.complete.wait(HANGS_AFTER_SECONDS)
    receiver.close()
    # All lookups had ended before the listener was released.
    assert recorder.events == [("accessed", chunk.key)] * 15
    logged = capfd.readouterr().err
    assert logged.count("a listener is too slow") == 1
    assert "dropped_keys=5" in logged


def test_other_threads_run_while_one_closes_the_adapter(started, capfd):
    # Closing waits for the listener, and the listener for this thread, which sees that closing has begun only if closing has
    # released the interpreter. Otherwise closing stops waiting for the listener, and logs that.
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)
    entered, released = threading.Event(), threading.Event()

    class Waiting(Recorder):
        def on_l2_keys_stored(self, keys, sizes):
            entered.set()
            super().on_l2_keys_stored(keys, [int(released.wait(HANGS_AFTER_SECONDS))])

    recorder = Waiting(expected=1)
    receiver.register_listener(recorder)
    Node(sender).store([Chunk(1)])
    assert entered.wait(HANGS_AFTER_SECONDS)
    closing = threading.Thread(target=receiver.close)
    closing.start()
    while receiver.report_status()["is_healthy"]:
        pass
    released.set()
    closing.join(HANGS_AFTER_SECONDS)
    assert "closing without it" not in capfd.readouterr().err
    assert recorder.events == [("stored", (Chunk(1).key, 1))]


def test_a_listener_may_close_the_adapter(started):
    specs = pd_specs()
    receiver, sender = started(specs.receiver), started(specs.sender)

    class Closing(Recorder):
        def on_l2_keys_stored(self, keys, sizes):
            receiver.close()
            super().on_l2_keys_stored(keys, sizes)

    recorder = Closing(expected=1)
    receiver.register_listener(recorder)
    Node(sender).store([Chunk(1)])
    assert recorder.complete.wait(HANGS_AFTER_SECONDS)


def test_the_native_library_is_for_all_later_pythons():
    import l2_adapter._native

    assert Path(l2_adapter._native.__file__).name == "_native.abi3.so"


def test_importing_the_plug_in_starts_nothing():
    program = (
        "import os\n"
        "from lmcache.v1.distributed.l2_adapters import base, config\n"
        "from lmcache import lmcache_native\n"
        "before = set(os.listdir('/proc/self/task'))\n"
        "import l2_adapter.lmcache\n"
        "print(set(os.listdir('/proc/self/task')) <= before, 'libnixl' in open('/proc/self/maps').read())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert run.stdout.splitlines()[-1] == "True False"
