"""vLLM engines on CPU: starts, queries and measures them. It does not know where their KV comes from."""

import json
import sys
import time
import urllib.request
from typing import NamedTuple

from programs import Program
from servers import free_ports
from watching import samples

# Two engines start at the same time on two cores.
STARTS_WITHIN_SECONDS = 420
ANSWERS_WITHIN_SECONDS = 300
OUTPUT_TOKENS = 8
GREEDY = {"model": "model", "temperature": 0, "ignore_eos": True}

ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    "VLLM_HOST_IP": "127.0.0.1",
    "GLOO_SOCKET_IFNAME": "lo",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_LOGGING_LEVEL": "INFO",
    # Equal hashes in all processes, with any algorithm.
    "PYTHONHASHSEED": "0",
}


class Answer(NamedTuple):
    """The response of an engine or a front."""

    text: str
    seconds_to_first_token: float
    parameters: dict | None = None


class Engine(Program):
    """One engine. `transfer` is its `--kv-transfer-config`; without it the engine computes every prompt."""

    def __init__(self, folder, name, model, transfer=None, environment=None, dtype="float32"):
        [port] = free_ports(1)
        command = [
            *(sys.executable, "-m", "vllm.entrypoints.openai.api_server"),
            *("--model", model, "--served-model-name", "model", "--host", "127.0.0.1", "--port", port),
            *("--dtype", dtype, "--enforce-eager", "--max-model-len", 4096, "--max-num-batched-tokens", 4096),
            *(("--kv-transfer-config", json.dumps(transfer)) if transfer else ()),
        ]
        super().__init__(folder, name, command, port, {**ENVIRONMENT, **(environment or {})})

    def loaded_tokens(self):
        """The number of prompt tokens whose KV a connector has loaded so far."""
        return total(self, "vllm:external_prefix_cache_hits_total")


def total(server, name):
    """The sum of a metric over all its labels; 0 if it does not exist yet."""
    return sum(sample.value for sample in samples(server) if sample.name == name)


def ask(server, prompt, parameters=None):
    """Streams a greedy completion."""
    body = {**GREEDY, "prompt": prompt, "max_tokens": OUTPUT_TOKENS, "stream": True}
    if parameters:
        body["kv_transfer_params"] = parameters
    began, first, text = time.monotonic(), None, []
    with urllib.request.urlopen(_post(server, body), timeout=ANSWERS_WITHIN_SECONDS) as response:
        for line in response:
            content = line.decode().strip().removeprefix("data: ")
            if not content or content == "[DONE]":
                continue
            message = json.loads(content)
            if "choices" not in message:
                raise RuntimeError(f"{server.name} returned an error: {content[:2000]}")
            first = first or time.monotonic() - began
            text += [choice["text"] for choice in message["choices"]]
    if first is None:
        raise RuntimeError(f"{server.name} returned no token")
    return Answer("".join(text).strip(), first)


def prefill(engine, prompt, parameters=None):
    """Makes an engine compute a prompt and one token, as routers do."""
    body = {**GREEDY, "prompt": prompt, "max_tokens": 1}
    if parameters:
        body["kv_transfer_params"] = parameters
    began = time.monotonic()
    with urllib.request.urlopen(_post(engine, body), timeout=ANSWERS_WITHIN_SECONDS) as response:
        message = json.loads(response.read())
    return Answer(message["choices"][0]["text"], time.monotonic() - began, message.get("kv_transfer_params"))


def _post(server, body):
    data = json.dumps(body).encode()
    return urllib.request.Request(server.url("/v1/completions"), data, {"Content-Type": "application/json"})
