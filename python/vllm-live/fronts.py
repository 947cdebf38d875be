"""What stands in front of a prefill and a decode engine: vllm-router, and LMCache's own multiprocess proxy."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from programs import Program
from servers import HANGS_AFTER_SECONDS, free_ports


@contextmanager
def router(deployment):
    """vllm-router, which sends a request to the prefill engine and, after its response, to the decode engine."""
    port, metrics_port = free_ports(2)
    program = Path(sys.executable).with_name("vllm-router")
    engines = ("--prefill", deployment.prefill.url(""), "--decode", deployment.decode.url(""))
    command = [program, "--vllm-pd-disaggregation", *engines, "--host", "127.0.0.1", "--port", port]
    command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", metrics_port]
    yield from _run(Program(deployment.folder, "vllm-router", command, port))


@contextmanager
def proxy(deployment):
    """LMCache's multiprocess proxy, which sends a request to the decode engine after the prefill engine's telemetry."""
    [port] = free_ports(1)
    command = [
        *(sys.executable, os.environ["VLLM_LIVE_PROXY"], "--host", "127.0.0.1", "--port", port),
        *("--prefiller-host", "127.0.0.1", "--prefiller-port", deployment.prefill.port),
        *("--decoder-host", "127.0.0.1", "--decoder-port", deployment.decode.port),
        *("--telemetry-port", deployment.telemetry_port),
    ]
    yield from _run(Program(deployment.folder, "lmcache-proxy", command, port, health="/v1/models"))


def _run(program):
    try:
        program.launch()
        program.wait(HANGS_AFTER_SECONDS)
        yield program
    finally:
        program.end()
