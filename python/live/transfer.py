"""Requests from a prefill server to a decode server."""

import signal
import time
from contextlib import contextmanager
from pathlib import Path

from engine import CHUNK_BYTES, CHUNK_TOKENS, CHUNKS_A_REQUEST, Engine
from servers import HANGS_AFTER_SECONDS, Server, pd_params, plugin_spec, wait_until

BUFFER_BYTES = 32 << 20
# What servers may hold more: what LMCache remembers of requests, a connection that is about to be closed. What leaks with every
# request is more than that.
GROWTH_MEBIBYTES, GROWTH_DESCRIPTORS = 64, 4


class Pair:
    """A prefill server with a sender, a decode server with a receiver, and an engine at each."""

    def __init__(self, folder, ranks, prefill_arguments=(), **settings):
        params = pd_params(ranks, BUFFER_BYTES, **settings)
        self.ranks = ranks
        self.decode = Server(folder, "decode", plugin_spec({"role": "receiver", **params}), CHUNK_TOKENS)
        sender = plugin_spec({"role": "sender", **params})
        self.prefill = Server(folder, "prefill", sender, CHUNK_TOKENS, arguments=prefill_arguments)
        self.engines = {}

    def start(self, server):
        server.start()
        self.engines[server] = Engine(server, self.ranks)

    def store(self, number):
        return self.engines[self.prefill].store(number)

    def retrieve(self, number):
        return self.engines[self.decode].retrieve(number)

    def arrive(self, number):
        """Retrieves a request until all of it is there, as a decode node does that waits for its prefill node."""
        kept = []

        def complete():
            kept.append(self.retrieve(number))
            assert not kept[-1].wrong, f"request {number}: {kept[-1].wrong} chunks have other bytes than were stored"
            return kept[-1].equal == CHUNKS_A_REQUEST * self.ranks

        wait_until(f"request {number} is at the decode node whole", complete)
        return len(kept), sum(one.seconds for one in kept)

    def resources(self):
        """Mebibytes, descriptors and threads of both servers."""
        return [
            (kilobytes >> 10, descriptors, threads)
            for kilobytes, descriptors, threads in (self.prefill.resources(), self.decode.resources())
        ]

    def leave(self, server):
        """Forgets the engine of a server that is gone."""
        self.engines.pop(server).abandon()


@contextmanager
def pair(folder, ranks, prefill_arguments=(), **settings):
    """Both servers, serving. Whatever happens, they are ended."""
    made = Pair(folder, ranks, prefill_arguments, **settings)
    try:
        made.start(made.decode)
        made.start(made.prefill)
        yield made
    finally:
        made.decode.kill()
        made.prefill.kill()
        for server in list(made.engines):
            made.leave(server)


def hand_over(folder, ranks, requests):
    """Requests are stored on one server, looked up and retrieved on the other; every chunk is compared."""
    with pair(folder, ranks) as nodes:
        began, waits, tries = time.monotonic(), [], 0
        for number in range(requests):
            assert nodes.store(number), f"the prefill server did not take request {number}"
            attempts, seconds = nodes.arrive(number)
            tries += attempts
            waits.append(seconds)
            if number == requests // 5:
                warm = nodes.resources()
        took = time.monotonic() - began
        chunks = requests * CHUNKS_A_REQUEST * ranks
        total = chunks * CHUNK_BYTES
        buffers = BUFFER_BYTES * ranks
        assert total > buffers, "less than the receiver's buffer holds: it shows nothing"
        status = nodes.decode.adapter_status()
        assert not left_over(status), f"slots are left over: {status}"
        waits.sort()
        held = nodes.resources()
        assert flat(warm, held), f"servers grow: MiB, descriptors, threads: {warm}, {held}"
        ends = [server.end() for server in (nodes.prefill, nodes.decode)]
        return (
            f"TP {ranks}: {requests} requests, {chunks} chunks of {CHUNK_BYTES >> 10} KiB, {total >> 20} MiB through a "
            f"buffer of {buffers >> 20} MiB, all equal; {tries} retrievals; look-up to last byte: median "
            f"{1000 * waits[requests // 2]:.0f} ms, longest {1000 * waits[-1]:.0f} ms; {took:.0f} s in all; "
            f"evicted {sum(rank['evicted_chunks'] for rank in status['ranks'])}; SIGTERM ended them in "
            + " and ".join(f"{seconds:.1f} s" for _, seconds in ends)
            + f"; prefill and decode server hold (MiB, descriptors, threads) {warm} after a fifth, {held} at the end"
        )


def flat(before, after):
    """Whether servers hold no more than before."""
    return all(
        now[0] - then[0] <= GROWTH_MEBIBYTES and now[1] - then[1] <= GROWTH_DESCRIPTORS and now[2] <= then[2]
        for then, now in zip(before, after, strict=True)
    )


def stored_again(folder):
    """A request that was prefilled before is prefilled again after the decode node has lost it: where the prefill node keeps
    nothing (`skip_l1`), it is pushed again."""
    verdicts = []
    for policy in ("skip_l1", "default"):
        (folder_of_policy := Path(folder) / policy).mkdir()
        with pair(folder_of_policy, 1, ("--l2-store-policy", policy)) as nodes:
            assert nodes.store(1)
            nodes.arrive(1)
            nodes.decode.end(signal.SIGKILL)
            nodes.leave(nodes.decode)
            nodes.start(nodes.decode)
            wait_until("the sender is connected", lambda: nodes.prefill.adapter_status()["is_healthy"])
            assert nodes.store(1) and nodes.store(2)
            # Stores are pushed in order: when the one behind it is there, this one is, or never will be.
            nodes.arrive(2)
            again = nodes.retrieve(1)
            assert not again.wrong
            verdicts.append(f"{policy}: {again.equal} of {CHUNKS_A_REQUEST} chunks")
            assert policy != "skip_l1" or again.equal == CHUNKS_A_REQUEST, verdicts
    return "stored again after the decode server was killed, at the decode server then: " + "; ".join(verdicts)


def left_over(status):
    """How many slots of a receiver are neither free nor committed."""
    return sum(rank["quarantined"]["slots"] + rank["reserved"]["slots"] for rank in status["ranks"])
