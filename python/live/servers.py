"""`lmcache server` processes on the loopback interface: starts, queries, kills and measures them. It does not know what is
stored in them."""

import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

# Only a program that hangs takes this long, even on a busy machine. Checks print how long operations took.
HANGS_AFTER_SECONDS = 240
ANSWERS_WITHIN_SECONDS = 60
POLL_SECONDS = 0.05


# Below the ports that Linux gives to connections by default: a connection could take a chosen port before its use.
_ports = iter(random.sample(range(20_000, 32_000), 12_000))


def free_ports(count):
    """Ports that are free now. No port is returned twice."""
    return list(itertools.islice(filter(_is_free, _ports), count))


def _is_free(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def wait_until(what, condition, seconds=HANGS_AFTER_SECONDS):
    """Returns the condition's first true value. Raises an error that names `what` if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(POLL_SECONDS)


def pd_params(ranks, buffer_size, **settings):
    """The keys that are equal for sender and receiver."""
    ports = free_ports(2 * ranks)
    return {
        "peer_host": "127.0.0.1",
        "peer_init_port": ports[:ranks],
        "peer_alloc_port": ports[ranks:],
        "buffer_size": buffer_size,
        "nixl_backends": ["shm"],
        **settings,
    }


def plugin_spec(params):
    """The `--l2-adapter` value that loads the PD adapter."""
    return {
        "type": "plugin",
        "module_path": "l2_adapter.lmcache",
        "class_name": "PdL2Adapter",
        "adapter_params": params,
    }


# LMCache's command, and our command that runs it with the type `pd`.
LMCACHE = (str(Path(sys.executable).with_name("lmcache")),)
WITH_OUR_TYPE = (sys.executable, "-m", "l2_adapter.lmcache")


class Server:
    """One `lmcache server`. It can be started again on the same ports after its end."""

    def __init__(self, folder, name, spec, chunk_tokens, l1_gigabytes=1, arguments=(), program=LMCACHE):
        self.name = name
        self.chunk_tokens = chunk_tokens
        self.log = Path(folder) / f"{name}.log"
        self.rpc_port, self.http_port = free_ports(2)
        self.command = [
            *(*program, "server", "--host", "127.0.0.1", "--port", str(self.rpc_port)),
            *("--http-host", "127.0.0.1", "--http-port", str(self.http_port)),
            *("--l1-size-gb", str(l1_gigabytes), "--no-l1-use-lazy", "--chunk-size", str(chunk_tokens)),
            *("--supported-transfer-mode", "auto", "--eviction-policy", "LRU"),
            *("--l2-adapter", json.dumps(spec), *arguments),
        ]
        if "--prometheus-port" not in arguments:
            self.command.append("--disable-observability")
        self.process = None

    def start(self):
        """Starts the server and waits until it serves. Returns how many seconds that took."""
        began = time.monotonic()
        self.launch()
        wait_until(f"{self.name} serves: see {self.log}", self._serves)
        return time.monotonic() - began

    def launch(self):
        """Starts the server without waiting."""
        # An equal hash seed gives equal keys on both nodes.
        environment = {**os.environ, "PYTHONHASHSEED": "0", "LMCACHE_TRACK_USAGE": "false"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )

    def _serves(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with code {self.process.returncode}: {self.output()[-3000:]}")
        try:
            return self.get("/status")
        except (urllib.error.URLError, OSError):
            return None

    def url(self, path):
        return f"http://127.0.0.1:{self.http_port}{path}"

    def get(self, path):
        with urllib.request.urlopen(self.url(path), timeout=ANSWERS_WITHIN_SECONDS) as answer:
            return json.loads(answer.read())

    def adapter_status(self):
        """The PD adapter's part of the server's `/status`."""
        return find_adapter(self.get("/status"))

    def output(self):
        """The output, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(errors="replace"))

    def end(self, by=signal.SIGTERM):
        """Ends the server. Returns its exit code and how many seconds that took. Raises an error if it crashed."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(by)
        code = self.process.wait(HANGS_AFTER_SECONDS)
        # After closing, LMCache ends itself by the signal.
        assert code in (0, -by), f"{self.name} server crashed: exit code {code}: {self.output()[-3000:]}"
        return code, time.monotonic() - began

    def kill(self):
        """Kills the server if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(HANGS_AFTER_SECONDS)

    def resources(self):
        return resources(self.process.pid)


def resources(pid):
    """Resident kilobytes, open descriptors and threads of a process."""
    folder = Path(f"/proc/{pid}")
    resident = re.search(r"VmRSS:\s+(\d+)", (folder / "status").read_text())
    return int(resident[1]), len(list((folder / "fd").iterdir())), len(list((folder / "task").iterdir()))


def find_adapters(value):
    """The statuses of PD adapters at any depth of a value."""
    if isinstance(value, dict):
        if value.get("type") == "PdL2Adapter" and "role" in value:
            return [value]
        value = list(value.values())
    return [found for item in value for found in find_adapters(item)] if isinstance(value, list) else []


def find_adapter(value):
    """The first status of a PD adapter, or None."""
    return next(iter(find_adapters(value)), None)
