"""The keys next to `adapter_params` that LMCache itself reads: they work with our adapter."""

import secrets
from pathlib import Path

from pair import pair
from servers import wait_until

WATERMARK, RATIO = 0.5, 0.3
# These requests fit between the watermark and the end of the buffer, as LMCache checks the usage only once a second.
IN_ONE_GO = 8
REQUESTS = 8 * IN_ONE_GO
# The version, nonce and tag that LMCache's `aesgcm` adds to a chunk.
AESGCM_BYTES = 1 + 12 + 16


def eviction(folder):
    """LMCache's own eviction keeps a receiver below its watermark, so that the receiver never has to evict by itself."""
    asked = {"eviction_policy": "LRU", "trigger_watermark": WATERMARK, "eviction_ratio": RATIO}
    with pair(folder, shared_keys={"eviction": asked}) as nodes:
        fullest = 0

        def used():
            nonlocal fullest
            [rank] = nodes.ranks_of(nodes.decode)
            fullest = max(fullest, rank["committed"]["bytes"])
            return rank["committed"]["bytes"]

        for first in range(0, REQUESTS, IN_ONE_GO):
            for number in range(first, first + IN_ONE_GO):
                assert nodes.store(number)
            nodes.arrive(first + IN_ONE_GO - 1)
            wait_until("LMCache evicts", lambda: used() < WATERMARK * nodes.buffer_bytes)
        [rank] = nodes.ranks_of(nodes.decode)
        assert not rank["evicted_chunks"], f"the receiver had to evict by itself: {rank}"
        assert not nodes.retrieve(0).hits, "the oldest request is still there"
        assert nodes.is_whole(nodes.retrieve(number)), "the newest request is missing"
        return (
            f"{rank['committed_chunks']} chunks through a buffer of {nodes.buffer_bytes >> 20} MiB with a watermark of "
            f"{WATERMARK}: no more than {fullest >> 20} MiB seen in use, none evicted by the receiver itself; the newest "
            "request is there, the oldest is not"
        )


def encryption(folder):
    """With LMCache's `aesgcm` chunks are encrypted by the sending server and decrypted by the loading one. A server with another
    key loads nothing."""
    with pair(folder, shared_keys={"serde": serde(folder, "key")}) as nodes:
        for number in range(REQUESTS):
            assert nodes.store(number)
            nodes.arrive(number)
        [rank] = nodes.ranks_of(nodes.decode)
        chunks, chunk_bytes = REQUESTS * nodes.chunks_a_request, nodes.chunk_bytes + AESGCM_BYTES
        assert (rank["committed_chunks"], rank["committed_bytes"]) == (chunks, chunks * chunk_bytes), rank

        nodes.decode.end()
        nodes.leave(nodes.decode)
        stranger = nodes.server("stranger", "receiver", nodes.params, shared_keys={"serde": serde(folder, "other-key")})
        nodes.start(stranger)
        wait_until("the sender is connected", lambda: nodes.prefill.adapter_status()["is_healthy"])
        assert nodes.store(REQUESTS)
        wait_until("its chunks are there", lambda: arrived(nodes, stranger) == nodes.chunks_a_request)
        assert nodes.retrieve(REQUESTS, stranger).equal == 0
        return (
            f"{chunks} chunks of {nodes.chunk_bytes} bytes, {chunk_bytes} when encrypted, all equal; with another key none "
            "is loaded"
        )


def serde(folder, name):
    """An `aesgcm` with a new key."""
    key = Path(folder) / name
    key.write_bytes(secrets.token_bytes(32))
    return {"type": "aesgcm", "master_key_path": str(key)}


def arrived(nodes, server):
    [rank] = nodes.ranks_of(server)
    return rank["committed_chunks"]
