"""Two commands and no server: each engine starts its LMCache server, with the config that our command prints."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import engines
from engines import Engine, ask, prefill
from model import CHUNK_TOKENS
from servers import ANSWERS_WITHIN_SECONDS, find_adapter, free_ports, pd_params, wait_until

NUMBERS = range(4)


class Http:
    """The HTTP port of a server that an engine has started."""

    def __init__(self, port):
        self.port = port

    def get(self, path):
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=ANSWERS_WITHIN_SECONDS) as response:
            return json.loads(response.read())


def ours(*arguments):
    """The output of a command of our package."""
    command = [sys.executable, "-m", "l2_adapter.lmcache", *map(str, arguments)]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout.strip()


def autostart(lab):
    """Both engines need only the installed type `pd` and the printed `--kv-transfer-config`."""
    references = lab.references("small", NUMBERS)
    lab.end()
    folder = lab.folder / "autostart"
    folder.mkdir()
    params = pd_params(1, 256 << 20)
    made, pools = [], []
    installed = ours("install")
    try:
        for role in ("sender", "receiver"):
            port, http_port = free_ports(2)
            pools.append(f"l2-adapter-autostart-{http_port}")
            flags = ["--type", "pd", "--role", role, "--port", port, "--http-port", http_port, "--l1-size-gb", "1"]
            for key, value in params.items():
                flags += [f"--{key.replace('_', '-')}", *(value if isinstance(value, list) else [value])]
            printed = ours("kv-transfer-config", *flags, "--shm-name", pools[-1])
            made.append((Engine(folder, f"{role}-engine", lab.model("small"), json.loads(printed)), Http(http_port)))
        for engine, _ in made:
            engine.launch()
        for engine, _ in made:
            engine.wait(engines.STARTS_WITHIN_SECONDS)
        (prefilling, sender), (decoding, receiver) = made
        wait_until("the sender is connected", lambda: find_adapter(sender.get("/status"))["is_healthy"])
        equal = 0
        for number in NUMBERS:
            prompt, expected = references.of(number)
            prefill(prefilling, prompt)
            equal += ask(decoding, prompt).text == expected
        loaded, wanted = decoding.loaded_tokens(), len(NUMBERS) * references.size.chunks * CHUNK_TOKENS
        [rank] = find_adapter(receiver.get("/status"))["ranks"]
        report = (
            f"two commands, `{{\"type\": \"pd\"}}` installed: tokens of {equal} of {len(NUMBERS)} equal, {loaded:.0f} of "
            f"{wanted} tokens of whole chunks loaded, {rank['loaded_chunks']} chunks by the receiver"
        )
        assert equal == len(NUMBERS) and loaded == wanted, f"{report}; {installed}"
        return report
    finally:
        for engine, _ in made:
            engine.end()
        ours("uninstall")
        for pool in pools:
            # A server that ends with its engine leaves its L1 behind.
            Path(f"/dev/shm/lmcache_l1_pool_{pool}").unlink(missing_ok=True)
