"""A prefill engine and decode engines, an LMCache server for each, and our adapter between the servers.

It does not know the requests.
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
from servers import Server, find_adapter, find_adapters, free_ports, pd_params, plugin_spec, wait_until

from l2_adapter.lmcache import module_flag

BUFFER_BYTES = 1 << 30
UNHEALTHY = "LMCache server is unhealthy"


class Counts(NamedTuple):
    """Tokens that were loaded at the decode node so far, from three sources that must agree."""

    engine: int
    """vLLM's count of prompt tokens whose KV the connector loaded."""
    l2: int
    """LMCache's count of tokens found in L2."""
    l1: int
    """LMCache's count of tokens found in L1, which were not handed over now."""
    adapter: int
    """Tokens of the chunks that were loaded from our receiver."""


class Decoder:
    """A decode engine and its LMCache server. `params` are the keys that its receiver shares with the sender."""

    def __init__(self, folder, name, model, size, params, dtype="float32"):
        self.size, self.params = size, params
        self.pool = f"l2-adapter-{os.getpid()}-{name}"
        self.server = lmcache_server(folder, f"{name}-server", self.pool, [{"role": "receiver", **params}])
        # As a consumer it stores nothing.
        self.engine = Engine(folder, f"{name}-engine", model, transfer("kv_consumer", self.server), dtype=dtype)

    def counts(self):
        adapter = find_adapter(self.server.get("/status"))
        loaded = sum(rank["loaded_chunks"] for rank in adapter["ranks"])
        return Counts(
            int(self.engine.loaded_tokens()),
            int(engines.total(self.server, "lmcache_mp_lookup_hit_l2_tokens_total")),
            int(engines.total(self.server, "lmcache_mp_lookup_hit_l1_tokens_total")),
            loaded * CHUNK_TOKENS,
        )

    def receiver(self):
        """The receiver's status."""
        [rank] = self.server.adapter_status()["ranks"]
        return rank

    def waits(self):
        """How many lookups have waited, by how the wait ended, and their total seconds."""
        counts = self.receiver()["lookup_waits"]
        seconds = counts.pop("seconds")
        return {end: count for end, count in counts.items() if count}, seconds


class Deployment:
    """A prefill node and decode nodes. `dtypes` are those of the engines, `settings` keys of all specs.

    With `notifies`, a `proxy_protocol`, our sender notifies the proxy, and the prefill engine's own telemetry is off.
    """

    def __init__(
        self,
        folder,
        model,
        size,
        channel="nixl",
        dtypes=("float32", "float32"),
        decoders=1,
        policy="skip_l1",
        notifies=None,
        **settings,
    ):
        self.folder, self.model, self.size, self.channel, self.policy = Path(folder), model, SIZES[size], channel, policy
        # LMCache's proxies are notified here.
        [self.proxy_port] = free_ports(1)
        self.decoders = [
            Decoder(
                folder,
                f"decode-{number}",
                model,
                self.size,
                pd_params(1, BUFFER_BYTES, transfer_channel=channel, **settings),
                dtypes[1],
            )
            for number in range(decoders)
        ]
        # The only one, in most checks.
        self.decoder = self.decoders[0]
        self.prefill_pool = f"l2-adapter-{os.getpid()}-prefill"
        self.prefill_server = self._prefill_server(notifies)
        telemetry = {
            "LMCACHE_REQUEST_TELEMETRY_TYPE": "fastapi",
            "LMCACHE_REQUEST_TELEMETRY_ENDPOINT": f"http://127.0.0.1:{self.proxy_port}/api/v1/telemetry",
        }
        producer = transfer("kv_producer", self.prefill_server)
        environment = None if notifies else telemetry
        self.prefill = Engine(folder, "prefill-engine", model, producer, environment, dtypes[0])

    def _prefill_server(self, notifies):
        """A server with a sender for each decode node and, if the senders need it, the module that follows requests."""
        arguments = ["--l2-store-policy", self.policy]
        specs = [{"role": "sender", **decoder.params} for decoder in self.decoders]
        if notifies or len(specs) > 1:
            arguments += module_flag.ARGUMENTS
            for number, spec in enumerate(specs):
                spec["receiver_name"] = receiver_name(number)
        if notifies:
            for spec in specs:
                spec.update(proxy_host="127.0.0.1", proxy_port=self.proxy_port, proxy_protocol=notifies)
        return lmcache_server(self.folder, "prefill-server", self.prefill_pool, specs, *arguments)

    def all_engines(self):
        return [self.prefill, *(each.engine for each in self.decoders)]

    def all_servers(self):
        return [*(each.server for each in self.decoders), self.prefill_server]

    def start(self):
        for engine in self.all_engines():
            engine.launch()
        for server in self.all_servers():
            server.start()
        for engine in self.all_engines():
            engine.wait(engines.STARTS_WITHIN_SECONDS)
        self.wait_until_ready()
        # An engine notices a restart of its server only after its first store or load, from which on it pings the server.
        first = prompt(-1, CHUNK_TOKENS + 1)
        engines.prefill(self.prefill, first)
        for decoder in self.decoders:
            engines.ask(decoder.engine, first)

    def wait_until_ready(self):
        """Waits until all engines are registered, and the senders are connected."""
        for server in self.all_servers():
            wait_until(f"the engine is registered at {server.name}", lambda: registered(server))  # noqa: B023
        wait_until("the senders are connected", lambda: self.prefill_server.get("/status")["is_healthy"])

    def restart_decode_server(self, **settings):
        """Restarts the decode server with other keys in its spec, after its engine has noticed the end.

        LMCache 0.5.6 registers an engine again only if the engine has noticed.
        """
        engine, server = self.decoder.engine, self.decoder.server
        noticed = engine.output().count(UNHEALTHY)
        server.end()
        wait_until(
            "the decode engine notices that its server ended",
            # Both the scheduler and the worker of the engine ping the server, every 10 s.
            lambda: engine.output().count(UNHEALTHY) >= noticed + 2,
        )
        at = server.command.index("--l2-adapter") + 1
        spec = plugin_spec({"role": "receiver", **self.decoder.params, **settings})
        server.command[at] = json.dumps(spec)
        server.start()
        self.wait_until_ready()

    def restart_prefill_engine(self):
        """Starts the prefill engine again after its end."""
        self.prefill.launch()
        self.prefill.wait(engines.STARTS_WITHIN_SECONDS)
        self.wait_until_ready()

    def looked_up(self):
        """The tokens that the prefill engine has looked up so far. It looks a prompt up before it computes it."""
        return engines.total(self.prefill_server, "lmcache_mp_lookup_requested_tokens_total")

    def senders(self):
        """The status of each sender."""
        return find_adapters(self.prefill_server.get("/status"))

    def end(self):
        for engine in self.all_engines():
            engine.end()
        for server in self.all_servers():
            server.kill()
        for pool in (self.prefill_pool, *(each.pool for each in self.decoders)):
            # A killed server leaves its L1 behind.
            Path(f"/dev/shm/lmcache_l1_pool_{pool}").unlink(missing_ok=True)


def receiver_name(number):
    """The name by which requests address a decode node."""
    return f"decode-{number}"


def lmcache_server(folder, name, pool, specs, *arguments):
    """A server with one adapter for each of these specs."""
    first, *others = map(plugin_spec, specs)
    more = [argument for spec in others for argument in ("--l2-adapter", json.dumps(spec))]
    made = Server(folder, name, first, CHUNK_TOKENS, arguments=("--shm-name", pool, *arguments, *more))
    # The checks read LMCache's own metrics.
    made.command.remove("--disable-observability")
    made.command = [*TIED, *made.command]
    return made


def transfer(kv_role, server):
    """The `--kv-transfer-config` of an engine whose LMCache server is a separate program."""
    extra = {"lmcache.mp.host": "tcp://127.0.0.1", "lmcache.mp.port": server.rpc_port}
    return {"kv_connector": "LMCacheMPConnector", "kv_role": kv_role, "kv_connector_extra_config": extra}


def registered(server):
    """Whether an engine without a GPU is registered at a server."""
    return find(server.get("/status"), "registered_non_cuda_instance_ids")


def find(value, key):
    """The first value of a key, at any depth, that is not empty."""
    if isinstance(value, dict):
        if value.get(key):
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        return next(filter(None, (find(item, key) for item in value)), None)
    return None


@contextmanager
def deployed(*arguments, **settings):
    """All nodes, running; they are ended in any case."""
    made = Deployment(*arguments, **settings)
    try:
        made.start()
        yield made
    finally:
        made.end()
