"""A node that uses an adapter as LMCache's controllers do. It can also run as a program:

    python node.py SPEC

reads one JSON list a line, with the name of a method of `Node` and its arguments, and answers with one JSON value a line.
"""

import hashlib
import itertools
import json
import os
import random
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__" and not os.environ.get("L2_ADAPTER_TESTS_USE_LMCACHE"):
    sys.path.insert(0, str(Path(__file__).parent / "fake_lmcache"))

from lmcache.v1.distributed.api import ObjectKey  # noqa: E402
from memory import layout, memory_object  # noqa: E402

from l2_adapter.lmcache import PdL2Adapter  # noqa: E402

# Only a program that hangs takes this long.
HANGS_AFTER_SECONDS = 60

# Below the ports that Linux gives to connections by default: a connection could take a chosen port before its use.
_ports = iter(random.sample(range(20_000, 32_000), 12_000))


def _is_free(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


class Specs(NamedTuple):
    sender: dict
    receiver: dict


def pd_specs(channel="mock_memory", ranks=1, **settings):
    """A sender and a receiver on free ports of the loopback interface."""
    ports = list(itertools.islice(filter(_is_free, _ports), 2 * ranks))
    common = {
        "peer_host": "127.0.0.1",
        "peer_init_port": ports[:ranks],
        "peer_alloc_port": ports[ranks:],
        "transfer_channel": channel,
        "nixl_backends": ["shm"],
        "buffer_size": 16 << 20,
        **settings,
    }
    return Specs({"role": "sender", **common}, {"role": "receiver", **common})


class Chunk(NamedTuple):
    """A description of a chunk, from which every process computes the same key and content."""

    number: int
    size: int = 65_536
    rank: int = 0
    salt: str = ""
    group: int = 0
    # Empty if unknown.
    dtype: str = ""

    @property
    def key(self):
        chunk_hash = hashlib.sha256(str(self.number).encode()).digest()
        kv_rank = ObjectKey.ComputeKVRank(2, self.rank, 2, self.rank)
        return ObjectKey(chunk_hash, "org/model", kv_rank, self.group, self.salt)

    @property
    def content(self):
        return hashlib.shake_128(repr(self._replace(dtype="")).encode()).digest(self.size)


def wait(descriptor):
    """Waits until a descriptor is readable, and resets it, as LMCache's controllers do."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    assert poll.poll(HANGS_AFTER_SECONDS * 1000), "nothing was signalled"
    os.eventfd_read(descriptor)


class Node:
    """Runs tasks, each from its submission to its result."""

    def __init__(self, adapter):
        self.adapter = adapter

    def store(self, chunks):
        """The result of a store."""
        keys = [chunk.key for chunk in chunks]
        task = self.adapter.submit_store_task(keys, [memory_object(chunk.content, chunk.dtype) for chunk in chunks])
        while True:
            wait(self.adapter.get_store_event_fd())
            results = self.adapter.pop_completed_store_tasks()
            if task in results:
                return results[task]

    def look_up(self, chunks):
        """Which chunks are found and locked."""
        layouts = {chunk.group: layout(chunk.dtype, chunk.size) for chunk in chunks if chunk.dtype}
        task = self.adapter.submit_lookup_and_lock_task([chunk.key for chunk in chunks], layouts)
        return self._result(task, self.adapter.get_lookup_and_lock_event_fd(), "query_lookup_and_lock_result")

    def load(self, chunks):
        """Which chunks were loaded, and the bytes of all objects."""
        objects = [memory_object(bytes(chunk.size)) for chunk in chunks]
        task = self.adapter.submit_load_task([chunk.key for chunk in chunks], objects)
        loaded = self._result(task, self.adapter.get_load_event_fd(), "query_load_result")
        return loaded, [bytes(loaded_object.byte_array) for loaded_object in objects]

    def load_and_compare(self, chunks):
        """Which chunks were loaded with the right bytes."""
        loaded, contents = self.load(chunks)
        return [index for index in loaded if contents[index] == chunks[index].content]

    def unlock(self, chunks):
        self.adapter.submit_unlock([chunk.key for chunk in chunks])

    def delete(self, chunks):
        self.adapter.delete([chunk.key for chunk in chunks])
        # Operations run in order: the deletion is complete when this lookup is.
        self.look_up([Chunk(-1, rank=chunk.rank) for chunk in chunks])

    def usage(self):
        usage = self.adapter.get_usage()
        return [usage.total_bytes_used, usage.total_capacity_bytes, dict(usage.bytes_by_cache_salt)]

    def status(self):
        return self.adapter.report_status()

    def _result(self, task, descriptor, query):
        while True:
            wait(descriptor)
            bitmap = getattr(self.adapter, query)(task)
            if bitmap is not None:
                return bitmap.get_indices_list()


class NodeProcess:
    """A node in a separate process, with the methods of `Node`."""

    def __init__(self, spec, cwd=None):
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=cwd,
        )
        assert self._answer() == "serving"

    def __getattr__(self, method):
        def ask(*arguments):
            print(json.dumps([method, *arguments]), file=self.process.stdin, flush=True)
            return self._answer()

        return ask

    def _answer(self):
        line = self.process.stdout.readline()
        assert line, "the other process has ended: its error is above"
        return json.loads(line)

    def end(self):
        """Ends the process by closing its input. Returns its exit code."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(HANGS_AFTER_SECONDS)


def main():
    adapter = PdL2Adapter(json.loads(sys.argv[1]))
    node = Node(adapter)
    print(json.dumps("serving"), flush=True)
    for line in sys.stdin:
        method, *arguments = json.loads(line)
        chunks = [[Chunk(*chunk) for chunk in argument] for argument in arguments]
        print(json.dumps(getattr(node, method)(*chunks)), flush=True)
    adapter.close()


if __name__ == "__main__":
    main()
