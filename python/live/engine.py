"""A serving engine without a model: stores requests with known bytes in one server, and retrieves them from another. It uses
the client of `lmcache bench server`, and does not know how servers are run."""

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

# In LMCache 0.5.7 and later a request has its tokens, and owns blocks until it is released.
OWNS_BLOCKS = "block_allocation" in RequestContext.__dataclass_fields__

names = itertools.count()

# By default the client polls 50 times in 2.5 s, and then counts a running lookup as a miss. A busy machine takes longer.
LOOKUP_POLLS = 2400
poll_prefetch_status = functools.partial(helpers._poll_prefetch_status, max_polls=LOOKUP_POLLS)
helpers._poll_prefetch_status = poll_prefetch_status
if hasattr(bench_client, "_poll_prefetch_status"):
    bench_client._poll_prefetch_status = poll_prefetch_status


class Retrieved(NamedTuple):
    """The result of a request at the decode server, in chunks of all ranks."""

    hits: int
    equal: int
    wrong: int
    seconds: float


class Engine:
    """The workers of one node, one for each TP rank, connected to a server."""

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
        """Disconnects from a dead server, which would not answer a request to close."""
        for worker in self.client._workers:
            worker.transfer_context.close()
        self.client._workers.clear()
        self.client.close()

    def store(self, number):
        """Prefills a request and stores it. Returns whether the server accepted it."""
        with self._request(number) as request:
            for rank in range(self.ranks):
                self._fill(request, number, rank)
            return self.client.store(request, 0, request.num_full_tokens).succeeded

    def retrieve(self, number):
        """Looks a request up, retrieves the chunks that are found, and compares every byte with the prefilled ones."""
        began = time.monotonic()
        with self._request(number) as request:
            self.client.zero_destination(request, 0, request.num_full_tokens)
            found = self.client.lookup(request)
            equal = wrong = 0
            if found.error:
                raise TimeoutError(f"the server did not answer a lookup: {found.error}")
            if found.hit_chunks:
                result = self.client.retrieve(request, 0, found.hit_chunks * self.chunk_tokens)
                for rank in result.successful_worker_ranks:
                    same, other = self._compare(request, number, rank, found.hit_chunks)
                    equal, wrong = equal + same, wrong + other
        return Retrieved(found.hit_chunks, equal, wrong, time.monotonic() - began)

    def tokens(self, number):
        """The tokens of a request. No two requests have a chunk in common."""
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
        """Begins a request, and ends it."""
        tokens = self.tokens(number)
        named = {"token_ids": tokens} if OWNS_BLOCKS else {}
        request_id = request_id or f"request-{number}-{next(names)}"
        request = self.client.create_request(number, request_id, "live", **named)
        if not OWNS_BLOCKS:
            request = dataclasses.replace(request, token_ids=tuple(tokens))
        try:
            yield request
        except BaseException:
            # Later requests need the blocks. A dead server cannot release the request.
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
    """The bytes of a request at a rank, layer by layer: the same in every process, and different for each request and rank."""
    generator = torch.Generator().manual_seed(number * 64 + rank)
    shape = (2, REQUEST_TOKENS // BLOCK_TOKENS, BLOCK_TOKENS, 2, 64)
    return [torch.rand(shape, generator=generator).to(torch.float16) for _ in range(2)]


def digest(parts):
    """A checksum of tensors' bytes."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.contiguous().view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
