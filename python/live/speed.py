"""Measures the cost of the Python package. The time inside the calls that submit a task and take its result counts as the
package's, although these calls also do some of the Rust adapter's work; the rest of the task's time is the Rust adapter's. The
processor time of the thread that notifies listeners is shown separately.

Processes with and without the package are not compared, because a process's speed of copying depends on where its memory is: the
Rust adapter alone took 4 to 8 ms for the same loads from one start to the next.
"""

import itertools
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from servers import HANGS_AFTER_SECONDS, pd_params

# The sender does the first, the receiver the others.
OPERATIONS = ("store", "look_up", "load", "unlock")


class Work(NamedTuple):
    """Rounds of tasks."""

    chunks: int
    chunk_bytes: int
    rounds: int
    tasks: int


LARGE = Work(chunks=64, chunk_bytes=1 << 20, rounds=60, tasks=1)
SMALL = Work(chunks=1, chunk_bytes=4096, rounds=10, tasks=100)
# By then connections are open and memory is in use.
WARM_UP_ROUNDS = 5


class Times(NamedTuple):
    """Nanoseconds: for each task those in the package and all; and a task's mean for the notification of listeners."""

    tasks: list
    notifying: float

    def median(self, part):
        return statistics.median(task[part] for task in self.tasks)


def measure(folder):
    """Measures large tasks, then small ones."""
    params = pd_params(1, 2 * LARGE.chunks * LARGE.chunk_bytes)
    nodes = []
    try:
        for role in ("receiver", "sender"):
            nodes.append(NodeProcess({"role": role, **params}))
            nodes[-1].wait_until_it_serves()
        names = itertools.count(step=1_000)
        large, small = (rounds(*nodes, work, names) for work in (LARGE, SMALL))
    finally:
        for node in nodes:
            node.end()
    lines = ["median (10th to 90th percentile) over the tasks, NIXL over shared memory"]
    for name in ("store", "load"):
        times = large[name]
        shares = [100 * package / (whole - package) for package, whole in times.tasks]
        lines.append(
            f"       {name} of {shown(LARGE)}: {times.median(1) / 1e6:.2f} ms, of which {times.median(0) / 1e6:.2f} ms in "
            f"the package: it adds {spread(shares)} %; {times.notifying / 1e3:.0f} us more notify listeners"
        )
    for name, times in small.items():
        added = spread([package / 1e3 for package, _ in times.tasks])
        lines.append(
            f"       {name} of {shown(SMALL)}: {times.median(1) / 1e3:.0f} us, of which {added} us in the package; "
            f"{times.notifying / 1e3:.1f} us more notify listeners"
        )
    return "\n".join(lines)


class NodeProcess:
    """A node of speed_node.py."""

    def __init__(self, spec):
        program = Path(__file__).with_name("speed_node.py")
        self.process = subprocess.Popen(
            [sys.executable, program, json.dumps(spec)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait_until_it_serves(self):
        assert self._answer() == "serving"

    def ask(self, *work):
        print(json.dumps(work), file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        assert line, "a node has ended: its error is above"
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        try:
            assert self.process.wait(HANGS_AFTER_SECONDS) == 0, "a node did not end normally: its error is above"
        finally:
            self.process.kill()


def rounds(receiver, sender, work, names):
    """The times of each operation."""
    tasks, notifying = {name: [] for name in OPERATIONS}, dict.fromkeys(OPERATIONS, 0)
    for number in range(-WARM_UP_ROUNDS, work.rounds):
        first = next(names)
        for name in OPERATIONS:
            node = sender if name == "store" else receiver
            took = node.ask(name, first, work.tasks, work.chunks, work.chunk_bytes)
            if number >= 0:
                tasks[name] += took["tasks"]
                notifying[name] += took["notifying"]
    return {name: Times(tasks[name], notifying[name] / len(tasks[name])) for name in OPERATIONS}


def shown(work):
    return f"{work.chunks} x {work.chunk_bytes >> 10} KiB"


def spread(values):
    low, *_, high = statistics.quantiles(values, n=10)
    return f"{statistics.median(values):.1f} ({low:.1f} to {high:.1f})"
