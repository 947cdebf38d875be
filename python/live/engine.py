"""A serving engine without a model: requests with known bytes, stored in one server and retrieved from another, over the
client of `lmcache bench server`, whose requests 0.5.7 changed. It must not know how servers are run."""

import dataclasses
import functools
import hashlib
import itertools
import time
from contextlib import contextmanager, suppress
from typing import NamedTuple

import torch
from lmcache.cli.commands.bench.server_bench import client as bench_client
from lmcache.cli.commands.bench.server_bench import helpers
from lmcache.cli.commands.bench.server_bench.client import RequestContext, ServerBenchClient
from lmcache.cli.commands.bench.server_bench.config import BenchConfig

BLOCK_TOKENS = 16
REQUEST_TOKENS = 1024
# K and V, blocks, tokens a block, heads, head dimension; 2 layers.
SHAPE = f"(2,256,{BLOCK_TOKENS},2,64):float16:2"
TOKEN_BYTES = 2 * 2 * 64 * 2 * 2

# From 0.5.7 on a request brings its tokens, and owns blocks until it is released.
OWNS_BLOCKS = "block_allocation" in RequestContext.__dataclass_fields__

names = itertools.count()

# The client asks 50 times in 2.5 s, and then counts a lookup that still runs as a miss. A busy machine takes longer.
LOOKUP_POLLS = 2400
poll_prefetch_status = functools.partial(helpers._poll_prefetch_status, max_polls=LOOKUP_POLLS)
helpers._poll_prefetch_status = poll_prefetch_status
if hasattr(bench_client, "_poll_prefetch_status"):
    bench_client._poll_prefetch_status = poll_prefetch_status


class Retrieved(NamedTuple):
    """What became of a request at the decode server, chunk and rank for chunk and rank."""

    hits: int
    equal: int
    wrong: int
    seconds: float


class Engine:
    """The workers of one node, TP rank for TP rank, connected to a server."""

    def __init__(self, server, ranks):
        config = BenchConfig(
            rpc_url=f"tcp://127.0.0.1:{server.rpc_port}",
            http_url=f"http://127.0.0.1:{server.http_port}",
            mode="cpu",
            transfer_mode="auto",
            tp_size=ranks,
            use_mla=False,
            num_tokens=REQUEST_TOKENS,
            kvcache_shape_spec=SHAPE,
            num_blocks=256,
            block_size=BLOCK_TOKENS,
        )
        self.ranks = ranks
        self.chunk_tokens = server.chunk_tokens
        self.client = ServerBenchClient(config, lambda words: None)
        self.client.start()

    def close(self):
        self.client.close()

    def abandon(self):
        """Lets go of a server that is gone, which would not answer a good-bye."""
        for worker in self.client._workers:
            worker.transfer_context.close()
        self.client._workers.clear()
        self.client.close()

    def store(self, number):
        """Prefills a request, and stores it. Whether the server took it."""
        with self._request(number) as request:
            for rank in range(self.ranks):
                self._fill(request, number, rank)
            return self.client.store(request, 0, request.num_full_tokens).succeeded

    def retrieve(self, number):
        """Looks a request up, retrieves what is there, and compares every byte with what was prefilled."""
        began = time.monotonic()
        with self._request(number) as request:
            self.client.zero_destination(request, 0, request.num_full_tokens)
            found = self.client.lookup(request)
            equal = wrong = 0
            if found.error:
                raise TimeoutError(f"the server does not answer a lookup: {found.error}")
            if found.hit_chunks:
                result = self.client.retrieve(request, 0, found.hit_chunks * self.chunk_tokens)
                for rank in result.successful_worker_ranks:
                    same, other = self._compare(request, number, rank, found.hit_chunks)
                    equal, wrong = equal + same, wrong + other
        return Retrieved(found.hit_chunks, equal, wrong, time.monotonic() - began)

    def tokens(self, number):
        """The tokens of a request: no two have a chunk in common."""
        return [number, *range(REQUEST_TOKENS)]

    def contents(self, number, rank):
        """The bytes of a request at a rank."""
        return contents(number, rank)

    def _fill(self, request, number, rank):
        for cache, content in zip(self._caches(rank), self.contents(number, rank), strict=True):
            cache[:, blocks(request)] = content

    def _compare(self, request, number, rank, chunks):
        a_chunk = self.chunk_tokens // BLOCK_TOKENS
        found = [cache[:, blocks(request)] for cache in self._caches(rank)]
        expected = self.contents(number, rank)
        verdicts = []
        for chunk in range(chunks):
            part = slice(chunk * a_chunk, (chunk + 1) * a_chunk)
            verdicts.append(digest(one[:, part] for one in found) == digest(one[:, part] for one in expected))
        return verdicts.count(True), verdicts.count(False)

    def _caches(self, rank):
        worker = self.client._workers[rank]
        return (worker.buffers.kv_caches if OWNS_BLOCKS else worker.kv_caches).values()

    @contextmanager
    def _request(self, number, request_id=None):
        """A request from its beginning to its end."""
        tokens = self.tokens(number)
        named = {"token_ids": tokens} if OWNS_BLOCKS else {}
        request_id = request_id or f"request-{number}-{next(names)}"
        request = self.client.create_request(number, request_id, "live", **named)
        if not OWNS_BLOCKS:
            request = dataclasses.replace(request, token_ids=tuple(tokens))
        try:
            yield request
        except BaseException:
            # Its blocks are wanted again. A server that is gone takes no good-bye.
            if OWNS_BLOCKS:
                with suppress(Exception):
                    self.client.release_request(request)
            raise
        if OWNS_BLOCKS:
            self.client.release_request(request)
        else:
            self.client.end_session(request)


def blocks(request):
    """The numbers of a request's blocks, in order."""
    if OWNS_BLOCKS:
        [group] = request.block_allocation.groups
        return list(group.block_ids)
    return list(range(request.block_offset, request.block_offset + request.num_blocks))


def contents(number, rank):
    """The bytes of a request at a rank, layer for layer: every process makes the same of it, and no two are alike."""
    generator = torch.Generator().manual_seed(number * 64 + rank)
    shape = (2, REQUEST_TOKENS // BLOCK_TOKENS, BLOCK_TOKENS, 2, 64)
    return [torch.rand(shape, generator=generator).to(torch.float16) for _ in range(2)]


def digest(parts):
    """A checksum of tensors' bytes."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.contiguous().view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
