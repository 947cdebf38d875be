"""A day's worth of operations in short, on the adapters in two processes with LMCache's own keys and memory objects: what they
hold does not grow."""

import json
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
os.environ["L2_ADAPTER_TESTS_USE_LMCACHE"] = "1"

OPERATIONS = 100_000
CHUNKS_A_TASK = 4
CHUNK_BYTES = 16 << 10
# What an allocator may keep; one leaked kilobyte a task would be 25 MB.
GROWTH_KILOBYTES = 16 << 10
# How many bytes a process of its own has when it is warm is not the question.
WARM_AFTER = OPERATIONS // 10


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
        while done < OPERATIONS:
            chunks = [Chunk(done + index, CHUNK_BYTES) for index in range(CHUNKS_A_TASK)]
            result = sender.store(chunks)
            assert result.is_successful(), f"a store failed after {done} operations"
            assert receiver.look_up(chunks) == list(range(CHUNKS_A_TASK)), f"a chunk is missing after {done} operations"
            assert receiver.load_and_compare(chunks) == list(range(CHUNKS_A_TASK)), f"wrong bytes after {done} operations"
            receiver.unlock(chunks)
            done += 2 * CHUNKS_A_TASK
            if done >= next_sample:
                next_sample += WARM_AFTER
                for name, pid in pids.items():
                    samples[name].append(resources(pid))
        took = time.monotonic() - began
    finally:
        adapter.close()
        receiver.end()
    return f"{done} chunk stores and loads in {took:.0f} s; " + "; ".join(
        flat(name, found) for name, found in samples.items()
    )


def resources(pid):
    """Resident kilobytes, descriptors, threads."""
    folder = Path(f"/proc/{pid}")
    resident = re.search(r"VmRSS:\s+(\d+)", (folder / "status").read_text())
    return int(resident[1]), len(list((folder / "fd").iterdir())), len(list((folder / "task").iterdir()))


def flat(name, samples):
    """What a process held, when warm and at the end; an error where it grew."""
    (memory, descriptors, threads), (memory_last, descriptors_last, threads_last) = samples[0], samples[-1]
    shown = (
        f"{name}: {memory >> 10} -> {memory_last >> 10} MiB, descriptors {descriptors} -> {descriptors_last}, "
        f"threads {threads} -> {threads_last}"
    )
    assert memory_last - memory <= GROWTH_KILOBYTES, f"memory grows: {shown}: {json.dumps(samples)}"
    assert descriptors_last <= descriptors and threads_last <= threads, f"{shown}: {json.dumps(samples)}"
    return shown
