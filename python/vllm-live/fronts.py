"""The programs in front of a prefill and a decode engine: vllm-router and both of LMCache's proxies."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from model import CHUNK_TOKENS
from programs import Program
from servers import HANGS_AFTER_SECONDS, free_ports
from translation import translating


@contextmanager
def router(deployment):
    """vllm-router, which sends a request to the prefill engine and, after its response, to the decode engine."""
    port, metrics_port = free_ports(2)
    program = Path(sys.executable).with_name("vllm-router")
    engines = ("--prefill", deployment.prefill.url(""), "--decode", deployment.decoder.engine.url(""))
    command = [program, "--vllm-pd-disaggregation", *engines, "--host", "127.0.0.1", "--port", port]
    command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", metrics_port]
    yield from _run(Program(deployment.folder, "vllm-router", command, port))


@contextmanager
def proxy(deployment):
    """LMCache's multiprocess proxy, which sends a request to the decode engine once it is notified."""
    [port] = free_ports(1)
    command = [
        *(sys.executable, os.environ["VLLM_LIVE_PROXY"], "--host", "127.0.0.1", "--port", port),
        *("--prefiller-host", "127.0.0.1", "--prefiller-port", deployment.prefill.port),
        *("--decoder-host", "127.0.0.1", "--decoder-port", deployment.decoder.engine.port),
        *("--telemetry-port", deployment.proxy_port),
    ]
    yield from _run(Program(deployment.folder, "lmcache-proxy", command, port, health="/v1/models"))


@contextmanager
def classic_proxy(deployment):
    """LMCache's classic proxy, unchanged, which counts its requests and the messages of each."""
    [port] = free_ports(1)
    decoder = deployment.decoder
    with translating(deployment.prefill) as prefill_port:
        command = [
            *(sys.executable, os.environ["VLLM_LIVE_CLASSIC_PROXY"], "--host", "127.0.0.1", "--port", port),
            *("--prefiller-host", "127.0.0.1", "--prefiller-port", prefill_port),
            *("--decoder-host", "127.0.0.1", "--decoder-port", decoder.engine.port),
            # The proxy only counts these ports, to know the number of ranks.
            *("--decoder-init-port", *decoder.params["peer_init_port"]),
            *("--decoder-alloc-port", *decoder.params["peer_alloc_port"]),
            *("--proxy-host", "127.0.0.1", "--proxy-port", deployment.proxy_port),
            *("--model", deployment.model, "--chunk-size", CHUNK_TOKENS),
        ]
        program = Program(deployment.folder, "classic-proxy", command, port, health="/v1/models")
        try:
            yield from _serving(program)
        finally:
            # After SIGTERM it would wait for a message that never arrives.
            program.kill()


def _run(program):
    try:
        yield from _serving(program)
    finally:
        program.end()


def _serving(program):
    program.launch()
    program.wait(HANGS_AFTER_SECONDS)
    yield program
