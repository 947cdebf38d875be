"""Requests from a prefill server to a decode server."""

import signal
import time
from pathlib import Path

from pair import pair
from servers import wait_until

# How much a server may grow: by LMCache's own record of each request, by memory that an allocator keeps, and by connections that
# are closing.
GROWTH_KIBIBYTES_A_REQUEST, GROWTH_MEBIBYTES, GROWTH_DESCRIPTORS = 4, 8, 4


def hand_over(folder, requests, **settings):
    """Requests are stored on one server, looked up and retrieved on the other, and every chunk is compared."""
    with pair(folder, **settings) as nodes:
        began, waits, tries, held = time.monotonic(), [], 0, []
        # Growth is counted from here on: until then servers allocate memory for themselves.
        warm = requests // 5
        for number in range(requests):
            assert nodes.store(number), f"the prefill server did not store request {number}"
            attempts, seconds = nodes.arrive(number)
            tries += attempts
            waits.append(seconds)
            if number in (warm, requests - 1):
                held.append(nodes.resources())
        took = time.monotonic() - began
        chunks = requests * nodes.chunks_a_request
        total = chunks * nodes.chunk_bytes
        assert total > nodes.buffer_bytes, "fewer bytes than the receiver's buffer holds: the check proves nothing"
        assert not nodes.slots_left_over(), f"slots are left over: {nodes.decode.adapter_status()}"
        assert is_flat(*held, requests - warm), f"servers grow: MiB, descriptors, threads: {held}"
        evicted = sum(rank["evicted_chunks"] for rank in nodes.ranks_of(nodes.decode))
        ends = [server.end() for server in (nodes.prefill, nodes.decode)]
        waits.sort()
        return (
            f"TP {nodes.ranks}: {requests} requests, {chunks} chunks of {nodes.chunk_bytes >> 10} KiB, {total >> 20} MiB through "
            f"a buffer of {nodes.buffer_bytes >> 20} MiB, all equal; {tries} retrievals; lookup to last byte: median "
            f"{1000 * waits[requests // 2]:.0f} ms, longest {1000 * waits[-1]:.0f} ms; {took:.0f} s in all; "
            f"evicted {evicted}; SIGTERM ended them in "
            + " and ".join(f"{seconds:.1f} s" for _, seconds in ends)
            + f"; prefill and decode server hold (MiB, descriptors, threads) {held[0]} when warm, {held[-1]} at the end"
        )


def is_flat(when_warm, at_the_end, requests):
    """Whether servers have not grown in so many requests."""
    mebibytes = GROWTH_MEBIBYTES + requests * GROWTH_KIBIBYTES_A_REQUEST / 1024
    return all(
        now[0] - then[0] <= mebibytes and now[1] - then[1] <= GROWTH_DESCRIPTORS and now[2] <= then[2]
        for then, now in zip(when_warm, at_the_end, strict=True)
    )


def stored_again(folder):
    """A request is prefilled again after the decode server has lost it. If the prefill server keeps no chunks (`skip_l1`), it
    pushes them again."""
    verdicts = []
    for policy in ("skip_l1", "default"):
        (folder_of_policy := Path(folder) / policy).mkdir()
        with pair(folder_of_policy, prefill_arguments=("--l2-store-policy", policy)) as nodes:
            assert nodes.store(1)
            nodes.arrive(1)
            nodes.decode.end(signal.SIGKILL)
            nodes.leave(nodes.decode)
            nodes.start(nodes.decode)
            wait_until("the sender is connected", lambda: nodes.prefill.adapter_status()["is_healthy"])
            assert nodes.store(1) and nodes.store(2)
            # Stores are pushed in order: after the arrival of request 2, request 1 has arrived or never will.
            nodes.arrive(2)
            again = nodes.retrieve(1)
            verdicts.append(f"{policy}: {again.equal} of {nodes.chunks_a_request} chunks")
            assert policy != "skip_l1" or nodes.is_whole(again), verdicts
    return "stored again after the decode server was killed, at the decode server then: " + "; ".join(verdicts)
