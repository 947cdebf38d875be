"""Deployments with two prefill or two decode servers."""

import json

from pair import BUFFER_BYTES, SKIP_L1, pair
from servers import pd_params, plugin_spec

REQUESTS = 60


def two_prefill(folder):
    """Two prefill servers push in turn to one decode server, more than its buffer holds."""
    with pair(folder, node_name="prefill-0") as nodes:
        second = nodes.server("prefill-1", "sender", {**nodes.params, "node_name": "prefill-1"}, SKIP_L1)
        nodes.start(second)
        for number in range(0, REQUESTS, 2):
            assert nodes.store(number) and nodes.store(number + 1, second)
            nodes.arrive(number)
            nodes.arrive(number + 1)
        [rank] = nodes.ranks_of(nodes.decode)
        assert rank["senders"] == 2, rank
        assert not nodes.slots_left_over()
        return f"{REQUESTS} requests of two prefill servers, {rank['committed_chunks']} chunks, all equal"


def two_decode(folder):
    """A prefill server with two adapters pushes every request to both decode servers."""
    params = pd_params(1, BUFFER_BYTES)
    sender = json.dumps(plugin_spec({"role": "sender", **params}))
    with pair(folder, prefill_arguments=(*SKIP_L1, "--l2-adapter", sender)) as nodes:
        second = nodes.server("decode-1", "receiver", params)
        nodes.start(second)
        for number in range(REQUESTS):
            assert nodes.store(number)
            nodes.arrive(number)
            nodes.arrive(number, second)
        counts = [rank["committed_chunks"] for server in (nodes.decode, second) for rank in nodes.ranks_of(server)]
        assert counts == [REQUESTS * nodes.chunks_a_request] * 2, counts
        return f"{REQUESTS} requests, {counts[0]} chunks at each of two decode servers, all equal"
