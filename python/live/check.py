"""Runs the checks of the plug-in in LMCache, and prints the measurements of each: `python check.py [NAME ...]`.

If a check fails, the others still run, and the exit code is 1.
"""

import datetime
import importlib.metadata
import logging
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import bench
import endurance
import routed
import shared_keys
import speed
import topology
import type_pd
from interruption import interrupted
from servers import HANGS_AFTER_SECONDS, Server, plugin_spec
from transfer import hand_over, stored_again
from watching import watching

LIVE = Path(__file__).resolve().parent
TESTS = LIVE.parent / "tests"


def last_line_of(*arguments, **environment):
    """Runs a Python program and returns the last line of its output. If it fails, the error has the output."""
    run = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    return run.stdout.strip().splitlines()[-1]


def pytest(*arguments, **environment):
    return last_line_of("-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, **environment)


def stand_in(folder):
    """The stand-in of the quick tests agrees with LMCache's own types."""
    return last_line_of(TESTS / "fake_matches_lmcache.py")


def own_tests(folder):
    """The wheel's own tests, with LMCache in place of the stand-in."""
    # This test runs an interpreter without PYTHONPATH, which does not find a wheel outside its environment.
    not_here = "test_importing_needs_no_lmcache_and_starts_nothing"
    # mypy checks the package without LMCache, in the step `wheel`.
    types = f"--ignore={TESTS / 'test_types.py'}"
    return pytest(TESTS, types, "-k", f"not {not_here}", L2_ADAPTER_TESTS_USE_LMCACHE="1", L2_ADAPTER_NEEDS_NIXL="1")


def upstream(folder):
    """The adapter does what LMCache's tests of its own PD adapter require."""
    return pytest(LIVE)


def faults(folder):
    """A server with a wrong spec does not start, and prints every fault."""
    wrong = {"role": "sendr", "peer_host": "", "buffer_size": 0, "prox_host": "proxy"}
    server = Server(folder, "faulty", plugin_spec(wrong), 64)
    try:
        server.launch()
        code = server.process.wait(HANGS_AFTER_SECONDS)
    finally:
        server.kill()
    output = server.output()
    printed = re.findall(r"^  (/\S+): ", output, re.MULTILINE)
    expected = ["/role", "/peer_host", "/peer_init_port", "/peer_alloc_port", "/buffer_size", "/prox_host"]
    assert code != 0, "the server started"
    assert set(expected) <= set(printed), f"printed {printed} of {expected}: {output[-3000:]}"
    return f"exit code {code}, {len(set(printed))} of {len(expected)} faults printed: {' '.join(expected)}"


CHECKS = {
    "stand-in": stand_in,
    "upstream": upstream,
    "faults": faults,
    "tp1": lambda folder: hand_over(folder, requests=250),
    "tp2": lambda folder: hand_over(folder, requests=100, ranks=2),
    "kill-decode": lambda folder: interrupted(folder, "decode", signal.SIGKILL),
    "kill-prefill": lambda folder: interrupted(folder, "prefill", signal.SIGKILL),
    "term-decode": lambda folder: interrupted(folder, "decode", signal.SIGTERM),
    "term-prefill": lambda folder: interrupted(folder, "prefill", signal.SIGTERM),
    "again": stored_again,
    "type-pd": lambda folder: type_pd.type_pd(Path(folder)),
    "two-prefill": topology.two_prefill,
    "two-decode": topology.two_decode,
    # 1,000 requests with each store policy, or LIVE_REQUESTS.
    "routed": routed.both_policies,
    "shared-prefix": routed.shared_prefixes,
    "eviction": shared_keys.eviction,
    "encryption": shared_keys.encryption,
    "watching": watching,
    "bench": bench.compare,
    "speed": speed.measure,
    "endurance": endurance.run,
    # 100,032 chunks of 16 KiB, one block of the engine each.
    "server-endurance": lambda folder: hand_over(folder, requests=1563, chunk_tokens=16),
    "own-tests": own_tests,
}


def versions():
    named = ("lmcache", "l2-adapter", "torch")
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in named)
    return f"{datetime.date.today()}: {found}, Python {platform.python_version()}, {os.cpu_count()} CPUs"


def main():
    # Raises SystemExit, so that the servers are ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    # LMCache's client logs every request.
    logging.disable(logging.INFO)
    names = sys.argv[1:] or list(CHECKS)
    unknown = set(names) - set(CHECKS)
    if unknown:
        sys.exit(f"no such check: {' '.join(sorted(unknown))}; there are {' '.join(CHECKS)}")
    print(versions(), flush=True)
    failed = []
    for name in names:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="lmcache-live-") as folder:
            try:
                verdict = f"ok   {name}: {CHECKS[name](folder)}"
            except Exception:
                failed.append(name)
                verdict = f"FAIL {name}: {traceback.format_exc()}{ends_of_logs(folder)}"
        print(f"{verdict} [{time.monotonic() - began:.0f} s]", flush=True)
    print(f"{len(names) - len(failed)} of {len(names)} checks passed" + "".join(f", {name} failed" for name in failed))
    # LMCache's client leaves threads behind after its server was killed: an ordinary exit would wait for them.
    sys.stdout.flush()
    os._exit(bool(failed))


def ends_of_logs(folder):
    """The last lines of the servers' logs."""
    logs = sorted(Path(folder).glob("*.log"))
    return "".join(f"\n--- {log.name}\n{log.read_text(errors='replace')[-2500:]}" for log in logs)


if __name__ == "__main__":
    main()
