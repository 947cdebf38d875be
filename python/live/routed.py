"""Requests that name their decode server: two prefill and two decode servers of LMCache, and a proxy that is notified."""

import dataclasses
import json
import os
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch
from engine import BLOCK_TOKENS, REQUEST_TOKENS, Engine
from lmcache.cli.commands.bench.server_bench import client, helpers
from pair import BUFFER_BYTES, CHUNK_TOKENS
from servers import Server, pd_params, plugin_spec, wait_until

from l2_adapter.lmcache import module_flag

REQUESTS = int(os.environ.get("LIVE_REQUESTS", 1000))
BATCH = 10
PREFIXES = 20
CHUNKS = REQUEST_TOKENS // CHUNK_TOKENS
# Half of each request is a prefix that it shares with other requests.
PREFIX_CHUNKS = CHUNKS // 2
# The proxy is notified of an aborted request 10 s after its end.
NOTIFIED_WITHIN_SECONDS = 60
# Lookups do not wait.
TIMING = {"store_seconds": 8, "lookup_seconds": 0, "lookup_grace_seconds": 0}


class Proxy:
    """The notifications that LMCache's multiprocess proxy receives."""

    def __init__(self):
        notified = self.notified = defaultdict(list)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for request in body["request_ids_set"]:
                    notified[request].append(body.get("failure"))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.spec = {"proxy_host": "127.0.0.1", "proxy_port": server.server_port, "proxy_protocol": "http"}


parameters_of = {}
plain_key = helpers._make_key


def key_with_parameters(tokens, request_id, **where):
    """The key that an engine sends for a request with `kv_transfer_params`."""
    return dataclasses.replace(plain_key(tokens, request_id, **where), request_configs=parameters_of.get(request_id))


# LMCache 0.5.7 imports the function into a second module.
helpers._make_key = key_with_parameters
if hasattr(client, "_make_key"):
    client._make_key = key_with_parameters


class RoutedEngine(Engine):
    """An engine whose requests have `kv_transfer_params` and shared prefixes."""

    def tokens(self, number):
        half = REQUEST_TOKENS // 2
        return [1_000_000 + number % PREFIXES, *range(half - 1), 2_000_000 + number, *range(half)]

    def contents(self, number, rank):
        return [
            torch.cat(parts, dim=1)
            for parts in zip(half_contents(1_000_000 + number % PREFIXES), half_contents(2_000_000 + number), strict=True)
        ]

    def prefill(self, number, request_id, parameters):
        """Looks a request up, stores the missing chunks, and ends it. Returns whether the server accepted it."""
        parameters_of[request_id] = parameters
        with self._request(number, request_id) as request:
            self._fill(request, number, 0)
            hits = self._look_up(request)
            start = hits * self.chunk_tokens
            rest = request.num_full_tokens - start
            return not rest or self.client.store(request, start, rest).succeeded

    def abort(self, number, request_id, parameters):
        """Ends a request before it is stored."""
        parameters_of[request_id] = parameters
        with self._request(number, request_id) as request:
            self._look_up(request)

    def _look_up(self, request):
        hits = self.client.lookup(request).hit_chunks
        if hits:
            self.client.retrieve(request, 0, hits * self.chunk_tokens)
        return hits


def half_contents(seed):
    generator = torch.Generator().manual_seed(seed)
    shape = (2, REQUEST_TOKENS // 2 // BLOCK_TOKENS, BLOCK_TOKENS, 2, 64)
    return [torch.rand(shape, generator=generator).to(torch.float16) for _ in range(2)]


class Deployment:
    """Two prefill servers, each with a sender to each of two decode servers."""

    def __init__(self, folder, policy):
        self.proxy = Proxy()
        params = [pd_params(1, BUFFER_BYTES, timing=TIMING) for _ in range(2)]
        self.decode = [
            Server(folder, f"decode-{number}", plugin_spec({"role": "receiver", **each}), CHUNK_TOKENS)
            for number, each in enumerate(params)
        ]
        self.prefill = [self._prefill(folder, f"prefill-{number}", params, policy) for number in range(2)]
        self.engines = {}

    def _prefill(self, folder, name, params, policy):
        specs = [
            plugin_spec({"role": "sender", "node_name": name, "receiver_name": f"decode-{number}", **self.proxy.spec, **each})
            for number, each in enumerate(params)
        ]
        arguments = ("--l2-store-policy", policy, *module_flag.ARGUMENTS, "--l2-adapter", json.dumps(specs[1]))
        return Server(folder, name, specs[0], CHUNK_TOKENS, arguments=arguments)

    def start(self, server):
        server.start()
        self.engines[server] = RoutedEngine(server, 1)

    def restart(self, server):
        """Kills a server and starts it again."""
        server.end(signal.SIGKILL)
        self.engines.pop(server).abandon()
        self.start(server)
        self.wait_for_health()

    def wait_for_health(self):
        for server in self.prefill:
            wait_until("the senders are connected", lambda: server.get("/status")["is_healthy"])

    def end(self):
        for server in (*self.decode, *self.prefill):
            server.kill()
        for engine in self.engines.values():
            engine.abandon()


@dataclasses.dataclass
class Routed:
    """A request and what may happen to it."""

    number: int
    kind: str
    receiver: int
    server: Server
    # If a server was killed meanwhile, the request may fail, and the notification may be lost.
    may_fail: bool = False
    may_lose_notification: bool = False

    @property
    def id(self):
        return f"cmpl-{self.number}"

    @property
    def parameters(self):
        return {"lmcache.pd.receiver": "decode-9" if self.kind == "nobody" else f"decode-{self.receiver}"}


def routed(folder, policy="default", requests=REQUESTS):
    """Each decode server finds its own requests, whole, at the first lookup after the notification.

    The requests have shared prefixes. A fifth of them fails or is aborted on purpose, and one server of each kind is killed.
    """
    folder = Path(folder) / policy
    folder.mkdir()
    seed = int(os.environ.get("LIVE_SEED", random.randrange(2**32)))
    dice = random.Random(seed)
    deployment = Deployment(folder, policy)
    began, done, counts = time.monotonic(), [], Counter()
    try:
        for server in (*deployment.decode, *deployment.prefill):
            deployment.start(server)
        deployment.wait_for_health()
        batches = range(0, requests, BATCH)
        victims = {len(batches) // 3: deployment.decode[1], 2 * len(batches) // 3: deployment.prefill[1]}
        for index, first in enumerate(batches):
            batch = [draw(deployment, dice, number) for number in range(first, min(first + BATCH, requests))]
            for request in batch:
                engine = deployment.engines[request.server]
                if request.kind == "aborted":
                    engine.abort(request.number, request.id, request.parameters)
                else:
                    assert engine.prefill(request.number, request.id, request.parameters), f"{request} was not stored"
            if victim := victims.get(index):
                deployment.restart(victim)
                mark(batch + done, victim, deployment)
            done += batch
            check(deployment, batch, counts)
        notified = deployment.proxy.notified
        wait_until("all are notified", lambda: not unnotified(done, notified), NOTIFIED_WITHIN_SECONDS)
        for request in done:
            messages = notified.get(request.id, [])
            assert len(messages) == 1 or (request.may_lose_notification and not messages), f"{request}: {messages}"
            has_failed = any(message is not None for message in messages)
            assert has_failed == (request.kind != "named") or request.may_fail or not messages, f"{request}: {messages}"
            counts["notified"] += len(messages)
            counts["failed"] += has_failed
        counts["aborted or for nobody"] = sum(request.kind != "named" for request in done)
        missing = sum(status["missing_chunks"] for server in deployment.prefill for status in statuses(server.get("/status")))
        return (
            f"{policy}: {len(done)} requests (seed {seed}), {counts['whole']} whole at their decode server at the first lookup, "
            f"{counts['computed']} not whole around a kill, {counts['foreign']} looked up at the other server: the prefix at most; "
            f"{counts['aborted or for nobody']} aborted or for an unknown receiver; {counts['notified']} notified, each once, "
            f"{counts['failed']} as failed, {missing} chunks never stored; {time.monotonic() - began:.0f} s"
        )
    except Exception as error:
        error.add_note(f"LIVE_SEED={seed}, policy {policy}, {len(done)} requests done, {dict(counts)}")
        raise
    finally:
        deployment.end()


def draw(deployment, dice, number):
    kind = dice.choices(["named", "aborted", "nobody"], [8, 1, 1])[0]
    return Routed(number, kind, dice.randrange(2), dice.choice(deployment.prefill))


def mark(requests, victim, deployment):
    """Marks requests that may fail because a server was killed."""
    for request in requests:
        if request.server is victim:
            request.may_lose_notification |= request.id not in deployment.proxy.notified
            request.may_fail |= request.may_lose_notification
        elif victim is deployment.decode[request.receiver]:
            request.may_fail = True


def unnotified(requests, notified):
    return [request for request in requests if request.id not in notified and not request.may_lose_notification]


def check(deployment, batch, counts):
    """Asserts that each request of a batch is whole at its decode server once the proxy has been notified."""
    stored = [request for request in batch if request.kind == "named"]
    notified = deployment.proxy.notified
    wait_until("the batch is notified", lambda: not unnotified(stored, notified), NOTIFIED_WITHIN_SECONDS)
    for request in stored:
        receiver, other = deployment.decode[request.receiver], deployment.decode[1 - request.receiver]
        retrieved = deployment.engines[receiver].retrieve(request.number)
        assert not retrieved.wrong, f"{request}: {retrieved}"
        is_whole = retrieved.equal == CHUNKS
        assert is_whole or request.may_fail, f"{request}: {retrieved}, {notified.get(request.id)}"
        counts["whole" if is_whole else "computed"] += 1
        if request.number % 7 == 0:
            elsewhere = deployment.engines[other].retrieve(request.number)
            assert elsewhere.hits <= PREFIX_CHUNKS and not elsewhere.wrong, f"{request} at the other server: {elsewhere}"
            counts["foreign"] += 1


def statuses(value):
    """The state of requests of each adapter in a status."""
    if isinstance(value, dict) and value.get("type") == "PdL2Adapter":
        return [value["requests"]]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [status for each in below for status in statuses(each)]


def shared_prefix(folder, policy, rounds=20):
    """Both decode servers need the same chunks, one after the other and at once. Returns how many requests were whole."""
    folder = Path(folder) / policy
    folder.mkdir()
    deployment = Deployment(folder, policy)
    whole = Counter()
    try:
        for server in (*deployment.decode, deployment.prefill[0]):
            deployment.start(server)
        deployment.prefill.pop()
        deployment.wait_for_health()
        notified, numbers = deployment.proxy.notified, iter(range(10_000))
        for order in ("one after the other", "at once"):
            for number in (next(numbers) for _ in range(rounds)):
                for receiver in range(2):
                    request = Routed(number, "named", receiver, deployment.prefill[0])
                    request_id = f"{request.id}-{receiver}"
                    assert deployment.engines[request.server].prefill(number, request_id, request.parameters)
                    if order == "one after the other":
                        wait_until("it is notified", lambda: request_id in notified, NOTIFIED_WITHIN_SECONDS)
                wait_until("both are notified", lambda: {f"cmpl-{number}-{each}" for each in range(2)} <= set(notified))
                for receiver, server in enumerate(deployment.decode):
                    is_whole = deployment.engines[server].retrieve(number).equal == CHUNKS
                    # After a notification of success the decode server finds all chunks.
                    assert is_whole or notified[f"cmpl-{number}-{receiver}"][0], f"{policy}, {order}: request {number}"
                    whole[order] += is_whole
        assert policy != "default" or all(count == 2 * rounds for count in whole.values()), whole
        return f"{policy}: " + ", ".join(f"{order} {count} of {2 * rounds} whole" for order, count in whole.items())
    finally:
        deployment.end()


def shared_prefixes(folder):
    return f"{CHUNKS} chunks, wanted at two decode servers: " + "; ".join(
        shared_prefix(folder, policy) for policy in ("default", "skip_l1")
    )


def both_policies(folder):
    return "; ".join(routed(folder, policy) for policy in ("default", "skip_l1"))
