"""A PD node with LMCache's own keys and memory objects that measures where the time of its tasks goes.

    python speed_node.py SPEC

reads one JSON list a line: operation, first name, number of tasks, chunks a task, bytes a chunk. It answers with an object, in
nanoseconds: for each of the `tasks` the processor time of the calls that submit it and take its result, and its whole time; and
as `notifying` the processor time of the thread that notifies listeners. The calls are measured in processor time, because the
threads that they wake may run in their place on a machine with two processors.
"""

import hashlib
import json
import os
import select
import sys
import time
from pathlib import Path

import torch
from lmcache.v1.distributed.api import ObjectKey
from lmcache.v1.distributed.internal_api import L1MemoryDesc
from lmcache.v1.memory_management import MemoryFormat, MemoryObjMetadata, TensorMemoryObj
from servers import wait_until

from l2_adapter.lmcache import PdL2Adapter

ARENA_BYTES = 64 << 20
PAGE_BYTES = 4096
PATIENCE_MILLISECONDS = 60_000
KV_RANK = ObjectKey.ComputeKVRank(1, 0, 1, 0)


class SpeedNode:
    """An adapter, and memory like a server's L1: one registered region in use, in which chunks begin at pages."""

    def __init__(self, spec):
        memory = torch.ones(ARENA_BYTES + PAGE_BYTES, dtype=torch.uint8)
        first_page = -memory.data_ptr() % PAGE_BYTES
        self.arena = memory[first_page : first_page + ARENA_BYTES]
        described = L1MemoryDesc(self.arena.data_ptr(), ARENA_BYTES, PAGE_BYTES, stable_registration_size=ARENA_BYTES)
        self.adapter = PdL2Adapter(spec, described)

    def store(self, keys, chunk_bytes):
        objects = self._objects(keys, chunk_bytes)
        submit = lambda: self.adapter.submit_store_task(keys, objects)  # noqa: E731
        take = lambda task: self.adapter.pop_completed_store_tasks().get(task)  # noqa: E731
        result, times = timed(self.adapter.get_store_event_fd(), submit, take)
        assert result.is_successful()
        return times

    def look_up(self, keys, chunk_bytes):
        submit = lambda: self.adapter.submit_lookup_and_lock_task(keys, {})  # noqa: E731
        descriptor = self.adapter.get_lookup_and_lock_event_fd()
        found, times = timed(descriptor, submit, self.adapter.query_lookup_and_lock_result)
        assert found.popcount() == len(keys)
        return times

    def load(self, keys, chunk_bytes):
        objects = self._objects(keys, chunk_bytes)
        submit = lambda: self.adapter.submit_load_task(keys, objects)  # noqa: E731
        loaded, times = timed(self.adapter.get_load_event_fd(), submit, self.adapter.query_load_result)
        assert loaded.popcount() == len(keys)
        return times

    def unlock(self, keys, chunk_bytes):
        """Has no result to wait for."""
        began = time.thread_time_ns()
        self.adapter.submit_unlock(keys)
        package = time.thread_time_ns() - began
        return package, package

    def _objects(self, keys, chunk_bytes):
        assert len(keys) * chunk_bytes <= ARENA_BYTES
        starts = range(0, len(keys) * chunk_bytes, chunk_bytes)
        return [memory_object(self.arena[start : start + chunk_bytes]) for start in starts]


def timed(descriptor, submit, take):
    """Runs a task from its submission to its result, which it awaits as a controller does."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    began, submitting = time.perf_counter_ns(), time.thread_time_ns()
    task = submit()
    submitted = time.thread_time_ns()
    assert poll.poll(PATIENCE_MILLISECONDS), "a task has not completed in a minute"
    taking = time.thread_time_ns()
    os.eventfd_read(descriptor)
    result = take(task)
    taken, ended = time.thread_time_ns(), time.perf_counter_ns()
    return result, (submitted - submitting + taken - taking, ended - began)


def notifying_nanoseconds():
    """The processor time so far of the package's thread that notifies Python's listeners."""
    # A thread has no name before it runs.
    task = wait_until("the notifying thread runs", lambda: next(filter(notifies, Path("/proc/self/task").iterdir()), None))
    return int((task / "schedstat").read_text().split()[0])


def notifies(task):
    return (task / "comm").read_text() == "l2-adapter-told\n"


def key(name):
    return ObjectKey(hashlib.sha256(name.to_bytes(8)).digest(), "org/model", KV_RANK)


def memory_object(tensor):
    metadata = MemoryObjMetadata(
        tensor.shape, tensor.dtype, address=0, phy_size=tensor.numel(), fmt=MemoryFormat.KV_2LTD, ref_count=1
    )
    return TensorMemoryObj(tensor, metadata, None)


def main():
    node = SpeedNode(json.loads(sys.argv[1]))
    print(json.dumps("serving"), flush=True)
    for line in sys.stdin:
        what, first, tasks, chunks, chunk_bytes = json.loads(line)
        work = getattr(node, what)
        names = [range(start, start + chunks) for start in range(first, first + tasks * chunks, chunks)]
        before = notifying_nanoseconds()
        times = [work([key(name) for name in task], chunk_bytes) for task in names]
        print(json.dumps({"tasks": times, "notifying": notifying_nanoseconds() - before}), flush=True)
    node.adapter.close()


if __name__ == "__main__":
    main()
