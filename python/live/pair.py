"""A prefill server and a decode server, and requests between them. It does not know what is checked."""

from contextlib import contextmanager

from engine import REQUEST_TOKENS, TOKEN_BYTES, Engine
from servers import LMCACHE, Server, pd_params, plugin_spec, wait_until

BUFFER_BYTES = 32 << 20
CHUNK_TOKENS = 64
# With this policy a prefill server keeps no chunks, so it pushes those again that the decode server has lost.
SKIP_L1 = ("--l2-store-policy", "skip_l1")


class Pair:
    """A prefill server with a sender, a decode server with a receiver, and an engine at each."""

    def __init__(self, folder, ranks, chunk_tokens, prefill_arguments, shared_keys, form, settings):
        self.params = pd_params(ranks, BUFFER_BYTES, **settings)
        self.ranks = ranks
        self.chunk_bytes = chunk_tokens * TOKEN_BYTES
        self.chunks_a_request = ranks * REQUEST_TOKENS // chunk_tokens
        self.buffer_bytes = BUFFER_BYTES * ranks
        self.engines = {}
        self._made = []
        self._folder, self._chunk_tokens, self._shared_keys = folder, chunk_tokens, shared_keys
        self._spec, self._program = form
        self.decode = self.server("decode", "receiver", self.params)
        self.prefill = self.server("prefill", "sender", self.params, prefill_arguments)

    def server(self, name, role, params, arguments=(), shared_keys=None):
        """Creates a server without starting it."""
        spec = {**self._spec({"role": role, **params}), **(shared_keys or self._shared_keys)}
        made = Server(self._folder, name, spec, self._chunk_tokens, arguments=arguments, program=self._program)
        self._made.append(made)
        return self._made[-1]

    def start(self, server):
        server.start()
        self.engines[server] = Engine(server, self.ranks)

    def store(self, number, server=None):
        return self.engines[server or self.prefill].store(number)

    def retrieve(self, number, server=None):
        retrieved = self.engines[server or self.decode].retrieve(number)
        assert not retrieved.wrong, f"request {number}: {retrieved.wrong} chunks have other bytes than were stored"
        return retrieved

    def is_whole(self, retrieved):
        return retrieved.equal == self.chunks_a_request

    def arrive(self, number, server=None):
        """Retrieves a request until it is complete, like a decode node that waits for its prefill node."""
        kept = []

        def complete():
            kept.append(self.retrieve(number, server))
            return self.is_whole(kept[-1])

        wait_until(f"request {number} is at the decode node whole", complete)
        return len(kept), sum(one.seconds for one in kept)

    def ranks_of(self, server):
        """The status of each TP rank."""
        return server.adapter_status()["ranks"]

    def resources(self):
        """Resident mebibytes, descriptors and threads of both servers."""
        return [
            (kilobytes >> 10, descriptors, threads)
            for kilobytes, descriptors, threads in (self.prefill.resources(), self.decode.resources())
        ]

    def slots_left_over(self):
        """How many slots of the receiver are neither free nor committed."""
        ranks = self.ranks_of(self.decode)
        return sum(rank["quarantined"]["slots"] + rank["reserved"]["slots"] for rank in ranks)

    def leave(self, server):
        """Removes the engine of a dead server."""
        self.engines.pop(server).abandon()

    def end(self):
        for server in self._made:
            server.kill()
        for server in list(self.engines):
            self.leave(server)


# The form of a spec, and the program that reads it.
PLUGIN = (plugin_spec, LMCACHE)


@contextmanager
def pair(
    folder, ranks=1, chunk_tokens=CHUNK_TOKENS, prefill_arguments=SKIP_L1, shared_keys=None, form=PLUGIN, **settings
):
    """Both servers, running; they are ended in any case. `shared_keys` are the keys of a spec that LMCache itself reads."""
    made = Pair(folder, ranks, chunk_tokens, prefill_arguments, shared_keys or {}, form, settings)
    try:
        made.start(made.decode)
        made.start(made.prefill)
        yield made
    finally:
        made.end()
