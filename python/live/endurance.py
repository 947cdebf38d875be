"""Runs 100,000 chunks through adapters in two processes, with LMCache's own keys and memory objects: memory, descriptors and
threads do not grow."""

import json
import os
import sys
import time
from pathlib import Path

from servers import resources

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
os.environ["L2_ADAPTER_TESTS_USE_LMCACHE"] = "1"

CHUNKS = 100_000
CHUNKS_A_TASK = 4
CHUNK_BYTES = 16 << 10
# An allocator may keep this much; a leak of one kilobyte a task would be 22 MiB.
GROWTH_KILOBYTES = 16 << 10
# Growth is counted from here on: until then a process allocates memory for itself.
WARM_AFTER = CHUNKS // 10


def run(folder):
    """Stores and loads, each followed by an unlock; the first tenth warms both processes."""
    from l2_adapter.lmcache import PdL2Adapter
    from node import Chunk, Node, NodeProcess, pd_specs

    specs = pd_specs("nixl", buffer_size=8 << 20)
    receiver = NodeProcess(specs.receiver)
    adapter = PdL2Adapter(specs.sender)
    sender, began = Node(adapter), time.monotonic()
    pids = {"prefill": os.getpid(), "decode": receiver.process.pid}
    samples = {name: [] for name in pids}
    next_sample, done = WARM_AFTER, 0
    try:
        while done < CHUNKS:
            chunks = [Chunk(done + index, CHUNK_BYTES) for index in range(CHUNKS_A_TASK)]
            result = sender.store(chunks)
            assert result.is_successful(), f"a store failed after {done} chunks"
            assert receiver.look_up(chunks) == list(range(CHUNKS_A_TASK)), f"a chunk is missing after {done} chunks"
            assert receiver.load_and_compare(chunks) == list(range(CHUNKS_A_TASK)), f"wrong bytes after {done} chunks"
            receiver.unlock(chunks)
            done += CHUNKS_A_TASK
            if done >= next_sample:
                next_sample += WARM_AFTER
                for name, pid in pids.items():
                    samples[name].append(resources(pid))
        took = time.monotonic() - began
    finally:
        adapter.close()
        receiver.end()
    return f"{done} chunks stored, looked up, loaded, compared and unlocked in {took:.0f} s, {CHUNKS_A_TASK} a task; " + "; ".join(
        flat(name, found) for name, found in samples.items()
    )


def flat(name, samples):
    """Memory, descriptors and threads of a process, when warm and at the end. Raises an error if they grew."""
    (memory, descriptors, threads), (memory_last, descriptors_last, threads_last) = samples[0], samples[-1]
    shown = (
        f"{name}: {memory >> 10} -> {memory_last >> 10} MiB, descriptors {descriptors} -> {descriptors_last}, "
        f"threads {threads} -> {threads_last}"
    )
    assert memory_last - memory <= GROWTH_KILOBYTES, f"memory grows: {shown}: {json.dumps(samples)}"
    assert descriptors_last <= descriptors and threads_last <= threads, f"{shown}: {json.dumps(samples)}"
    return shown
