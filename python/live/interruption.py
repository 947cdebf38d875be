"""Servers that are killed or ended at random moments during stores and retrievals, and started again: no byte is wrong, and
later requests arrive."""

import os
import random
import signal
import threading
import time

from pair import pair
from servers import HANGS_AFTER_SECONDS, wait_until

TIMES = 3
# A server ends at most this long after work has begun.
LATEST_SECONDS = 1.0
# Requests in the buffer when a server ends: some, but fewer than fit into it.
BEFORE_AN_END = 12


def interrupted(folder, victim, by):
    """Ends one of the two servers several times, at moments that are drawn from the seed LIVE_SEED, which is printed."""
    seed = int(os.environ.get("LIVE_SEED", random.randrange(2**32)))
    moments = random.Random(seed)
    counts = {"whole": 0, "missed": 0}
    ends, waits = [], []
    try:
        with pair(folder, node_name="prefill") as nodes:
            server = getattr(nodes, victim)
            for time_of_all in range(TIMES):
                # No request is stored twice.
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
    """Stores and retrieves while the server is ended. Returns its exit code and how many seconds the end took."""
    # So that there are chunks to retrieve.
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
            # The engine's client may raise any of these when its server has ended.
            counts["missed"] += 1
        number += 1
    thread.join()
    assert ended, f"{server.name} server did not end normally: see above"
    return ended[0]


def recover(nodes, first, counts):
    """Returns the seconds until a request arrives again after a restart. From then on all arrive, and no slot is left over."""
    # Chunks that were lost with the server are misses.
    for number in range(first, first + 2 * BEFORE_AN_END):
        count(nodes, number, counts)
    began, stored = time.monotonic(), []

    # The sender has to connect first: chunks that it discards until then never arrive, so further requests are stored.
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
    """Retrieves a request and counts the result."""
    counts["whole" if nodes.is_whole(nodes.retrieve(number)) else "missed"] += 1
