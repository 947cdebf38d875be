"""Servers that are killed or ended at random moments amid stores and retrievals, and started again: no byte is wrong, and what
comes after arrives."""

import os
import random
import signal
import threading
import time

from pair import pair
from servers import HANGS_AFTER_SECONDS, wait_until

TIMES = 3
# Amid work that goes on until then.
LATEST_SECONDS = 1.0
# Enough is in the buffer to be killed with, and not all that the buffer can hold.
BEFORE_AN_END = 12


def interrupted(folder, victim, by):
    """One of the two servers, several times. LIVE_SEED is where the moments come from; it is printed."""
    seed = int(os.environ.get("LIVE_SEED", random.randrange(2**32)))
    moments = random.Random(seed)
    counts = {"whole": 0, "missed": 0}
    ends, waits = [], []
    try:
        with pair(folder, node_name="prefill") as nodes:
            server = getattr(nodes, victim)
            for time_of_all in range(TIMES):
                # Every request is stored once.
                first = time_of_all * 100_000
                ends.append(end_amid_work(nodes, server, by, first, moments.uniform(0, LATEST_SECONDS), counts))
                nodes.leave(server)
                nodes.start(server)
                waits.append(recover(nodes, first, counts))
    except Exception as error:
        error.add_note(f"LIVE_SEED={seed}, the ends so far: {ends}")
        raise
    codes = sorted({code for code, _ in ends})
    return (
        f"{victim} server, {signal.Signals(by).name} at {TIMES} random moments (seed {seed}): ended with code "
        f"{', '.join(map(str, codes))} within {max(seconds for _, seconds in ends):.1f} s; of the requests around it "
        f"{counts['whole']} came whole, {counts['missed']} were misses in whole or in part, 0 wrong bytes; after a restart "
        f"the first request arrived within {max(waits):.1f} s, {BEFORE_AN_END} more all whole, no slot left over"
    )


def end_amid_work(nodes, server, by, first, after_seconds, counts):
    """Stores and retrieves until the server has gone, which is told so while that goes on. Its exit code and the seconds."""
    # What is there before, so that there is something to retrieve.
    for number in range(first, first + BEFORE_AN_END):
        assert nodes.store(number)
    nodes.arrive(first)
    ended, working = [], threading.Event()

    def end():
        working.wait(HANGS_AFTER_SECONDS)
        time.sleep(after_seconds)
        ended.append(server.end(by))

    thread = threading.Thread(target=end)
    thread.start()
    number = first
    while thread.is_alive():
        working.set()
        try:
            nodes.store(number + BEFORE_AN_END)
            count(nodes, number, counts)
        except (RuntimeError, OSError, ValueError, TimeoutError):
            # The engine's client may say so in any of these ways: the server it speaks to has gone.
            counts["missed"] += 1
        number += 1
    thread.join()
    assert ended, f"{server.name} server did not end well: see above"
    return ended[0]


def recover(nodes, first, counts):
    """The seconds until a request arrives again after a restart. Then all arrive, and no slot is left over."""
    # What the victim held may be gone, and then is a miss.
    for number in range(first, first + 2 * BEFORE_AN_END):
        count(nodes, number, counts)
    began, stored = time.monotonic(), []

    # The sender has to find its receiver first: what it gives up until then never arrives, so more is stored.
    def any_has_arrived():
        stored.append(first + 10_000 + len(stored))
        nodes.store(stored[-1])
        return any(nodes.is_whole(nodes.retrieve(number)) for number in stored[-3:])

    wait_until("a request arrives again", any_has_arrived)
    waited = time.monotonic() - began
    for number in range(first + 20_000, first + 20_000 + BEFORE_AN_END):
        assert nodes.store(number)
        nodes.arrive(number)
    wait_until("no slot is left over", lambda: not nodes.slots_left_over())
    return waited


def count(nodes, number, counts):
    """Retrieves a request, and counts it. Whether it came whole."""
    whole = nodes.is_whole(nodes.retrieve(number))
    counts["whole" if whole else "missed"] += 1
    return whole
