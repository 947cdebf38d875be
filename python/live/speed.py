"""What the Python package costs. Each task's time has a part in the calls that submit it and take its result, which is counted as
the package's although these calls do a part of the Rust adapter's work, and the rest, which is the Rust adapter's.

Not a process with the package beside one without: how fast a process copies depends on where its memory lies. The Rust
adapter alone took 4 to 8 ms for the same loads from one start to the next.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from servers import HANGS_AFTER_SECONDS, pd_params

CHUNKS, CHUNK_BYTES, ROUNDS = 64, 1 << 20, 60
SMALL_BYTES, OF_A_BLOCK, BLOCKS = 4096, 100, 10
# Until connections are made and memory is in use.
WARM_UP_ROUNDS = 5


def measure(folder):
    """Large tasks, then small ones."""
    params = pd_params(1, 2 * CHUNKS * CHUNK_BYTES)
    nodes = []
    try:
        nodes.append(receiver := NodeProcess({"role": "receiver", **params}))
        nodes.append(sender := NodeProcess({"role": "sender", **params}))
        large = rounds(sender, receiver, ROUNDS, 1, CHUNKS, CHUNK_BYTES)
        small = rounds(sender, receiver, BLOCKS, OF_A_BLOCK, 1, SMALL_BYTES)
    finally:
        for node in nodes:
            node.end()
    lines = ["median (10th to 90th percentile) over the tasks, NIXL over shared memory"]
    for name in ("store", "load"):
        shares = [100 * package / (whole - package) for package, whole in large[name]]
        lines.append(
            f"       {name} of {CHUNKS} x {CHUNK_BYTES >> 10} KiB: {median(large[name], 1) / 1e6:.2f} ms, of which "
            f"{median(large[name], 0) / 1e6:.2f} ms in the package: it adds {spread(shares, '.1f')} %"
        )
    for name, tasks in small.items():
        added = spread([package / 1e3 for package, _ in tasks], ".1f")
        lines.append(
            f"       {name} of 1 x {SMALL_BYTES >> 10} KiB: {median(tasks, 1) / 1e3:.0f} us, of which {added} us in the package"
        )
    return "\n".join(lines)


class NodeProcess:
    """A node of speed_node.py."""

    def __init__(self, spec):
        program = Path(__file__).with_name("speed_node.py")
        self.process = subprocess.Popen(
            [sys.executable, program, json.dumps(spec)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == "serving"

    def ask(self, *work):
        print(json.dumps(work), file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        assert line, "a node has ended: it said why"
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(HANGS_AFTER_SECONDS)
        finally:
            self.process.kill()


def rounds(sender, receiver, count, tasks, chunks, chunk_bytes):
    """The nanoseconds of all tasks, by what was done."""
    times = {"store": [], "look_up": [], "load": [], "unlock": []}
    for number in range(-WARM_UP_ROUNDS, count):
        # Every name is used once.
        first = (number + WARM_UP_ROUNDS) * tasks * chunks + chunk_bytes * count
        for name, found in times.items():
            node = sender if name == "store" else receiver
            took = node.ask(name, first, tasks, chunks, chunk_bytes)
            if number >= 0:
                found += took
    return times


def median(tasks, part):
    return statistics.median(task[part] for task in tasks)


def spread(values, digits):
    low, *_, high = statistics.quantiles(values, n=10)
    return f"{statistics.median(values):{digits}} ({low:{digits}} to {high:{digits}})"
