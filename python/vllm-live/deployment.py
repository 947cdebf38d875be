"""A prefill and a decode engine, an LMCache server for each, and our adapter between the servers.

It must not know what is asked of them.
"""

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import engines
from engines import Engine
from model import CHUNK_TOKENS, SIZES, prompt
from programs import TIED
from servers import Server, find_adapter, free_ports, pd_params, plugin_spec, wait_until

BUFFER_BYTES = 1 << 30
UNHEALTHY = "LMCache server is unhealthy"


class Counts(NamedTuple):
    """What was loaded at the decode node so far, from three sources. All are in tokens, and must agree."""

    engine: int
    """vLLM's prompt tokens whose KV the connector loaded."""
    l2: int
    """LMCache's tokens found in L2."""
    l1: int
    """LMCache's tokens found in L1 already: they were not handed over now."""
    adapter: int
    """Tokens of the chunks that our receiver gave out."""


class Deployment:
    """Both nodes. `dtypes` are those of the engines, `settings` keys of both specs."""

    def __init__(self, folder, model, size, channel="nixl", dtypes=("float32", "float32"), **settings):
        self.folder, self.size, self.channel = Path(folder), SIZES[size], channel
        self.params = pd_params(1, BUFFER_BYTES, transfer_channel=channel, **settings)
        [self.telemetry_port] = free_ports(1)
        self.pools = [f"l2-adapter-{os.getpid()}-{role}" for role in ("prefill", "decode")]
        self.prefill_server = self._server("prefill-server", "sender", self.pools[0], "--l2-store-policy", "skip_l1")
        self.decode_server = self._server("decode-server", "receiver", self.pools[1])
        telemetry = {
            "LMCACHE_REQUEST_TELEMETRY_TYPE": "fastapi",
            "LMCACHE_REQUEST_TELEMETRY_ENDPOINT": f"http://127.0.0.1:{self.telemetry_port}/api/v1/telemetry",
        }
        self.prefill = Engine(
            folder, "prefill-engine", model, transfer("kv_producer", self.prefill_server), telemetry, dtypes[0]
        )
        # A consumer stores nothing of its own.
        consumer = transfer("kv_consumer", self.decode_server)
        self.decode = Engine(folder, "decode-engine", model, consumer, dtype=dtypes[1])

    def _server(self, name, role, pool, *arguments):
        spec = plugin_spec({"role": role, **self.params})
        made = Server(self.folder, name, spec, CHUNK_TOKENS, arguments=("--shm-name", pool, *arguments))
        # LMCache's own metrics are what the checks read.
        made.command.remove("--disable-observability")
        made.command = [*TIED, *made.command]
        return made

    def start(self):
        for engine in (self.prefill, self.decode):
            engine.launch()
        for server in (self.decode_server, self.prefill_server):
            server.start()
        for engine in (self.prefill, self.decode):
            engine.wait(engines.STARTS_WITHIN_SECONDS)
        self.wait_until_ready()
        # An engine pings its server from its first store or load on, and notices no restart before.
        first = prompt(-1, CHUNK_TOKENS + 1)
        engines.prefill(self.prefill, first)
        engines.ask(self.decode, first)

    def wait_until_ready(self):
        """Returns when both engines are known to their servers, and the sender reaches the receiver."""
        for server in (self.prefill_server, self.decode_server):
            wait_until(f"the engine is registered at {server.name}", lambda: registered(server))  # noqa: B023
        wait_until("the sender is connected", lambda: self.prefill_server.adapter_status()["is_healthy"])

    def restart_decode_server(self, **settings):
        """Ends the decode server and starts it again, with other keys in its spec, once its engine has noticed.

        LMCache 0.5.6 does not register an engine again that never saw its server missing.
        """
        noticed = self.decode.words().count(UNHEALTHY)
        self.decode_server.end()
        wait_until(
            "the decode engine notices that its server ended",
            # Its scheduler and its worker ping it, each every 10 s.
            lambda: self.decode.words().count(UNHEALTHY) >= noticed + 2,
        )
        at = self.decode_server.command.index("--l2-adapter") + 1
        spec = plugin_spec({"role": "receiver", **self.params, **settings})
        self.decode_server.command[at] = json.dumps(spec)
        self.decode_server.start()
        self.wait_until_ready()

    def restart_prefill_engine(self):
        """Starts the prefill engine again after its end."""
        self.prefill.launch()
        self.prefill.wait(engines.STARTS_WITHIN_SECONDS)
        self.wait_until_ready()

    def looked_up(self):
        """The tokens that the prefill engine has looked up so far: of each prompt, before it computes it."""
        return engines.total(self.prefill_server, "lmcache_mp_lookup_requested_tokens_total")

    def counts(self):
        adapter = find_adapter(self.decode_server.get("/status"))
        loaded = sum(rank["loaded_chunks"] for rank in adapter["ranks"])
        return Counts(
            int(self.decode.loaded_tokens()),
            int(engines.total(self.decode_server, "lmcache_mp_lookup_hit_l2_tokens_total")),
            int(engines.total(self.decode_server, "lmcache_mp_lookup_hit_l1_tokens_total")),
            loaded * CHUNK_TOKENS,
        )

    def receiver(self):
        """The receiver's status."""
        [rank] = self.decode_server.adapter_status()["ranks"]
        return rank

    def waits(self):
        """How many look-ups waited since the decode server's start, by the end of the wait, and the seconds of all of them."""
        counts = self.receiver()["lookup_waits"]
        seconds = counts.pop("seconds")
        return {end: count for end, count in counts.items() if count}, seconds

    def end(self):
        for engine in (self.prefill, self.decode):
            engine.end()
        for server in (self.prefill_server, self.decode_server):
            server.kill()
        for pool in self.pools:
            # A server that is killed leaves its L1 behind.
            Path(f"/dev/shm/lmcache_l1_pool_{pool}").unlink(missing_ok=True)


def transfer(kv_role, server):
    """The `--kv-transfer-config` of an engine whose LMCache server runs by itself."""
    extra = {"lmcache.mp.host": "tcp://127.0.0.1", "lmcache.mp.port": server.rpc_port}
    return {"kv_connector": "LMCacheMPConnector", "kv_role": kv_role, "kv_connector_extra_config": extra}


def registered(server):
    """Whether an engine without a GPU is registered at a server."""
    return find(server.get("/status"), "registered_non_cuda_instance_ids")


def find(value, key):
    """The first value under a key, at any depth, that is not empty."""
    if isinstance(value, dict):
        if value.get(key):
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        return next(filter(None, (find(item, key) for item in value)), None)
    return None


@contextmanager
def deployed(*arguments, **settings):
    """Both nodes, serving. Whatever happens, they are ended."""
    made = Deployment(*arguments, **settings)
    try:
        made.start()
        yield made
    finally:
        made.end()
