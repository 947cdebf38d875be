"""Runs the checks of the plug-in in LMCache, and prints what each has measured: `python check.py [NAME ...]`.

It fails when one fails; the others run all the same.
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
    """The last line that a Python program prints; an error with all of it where it fails."""
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
    """The stand-in of the quick tests is like LMCache's own types."""
    return last_line_of(TESTS / "fake_matches_lmcache.py")


def own_tests(folder):
    """The wheel's own tests, with LMCache in place of the stand-in."""
    # An interpreter that reads no PYTHONPATH does not find a wheel that lies beside its environment.
    not_here = "test_importing_needs_no_lmcache_and_starts_nothing"
    # mypy judges the package without LMCache; the step `wheel` has it.
    types = f"--ignore={TESTS / 'test_types.py'}"
    return pytest(TESTS, types, "-k", f"not {not_here}", L2_ADAPTER_TESTS_USE_LMCACHE="1", L2_ADAPTER_NEEDS_NIXL="1")


def upstream(folder):
    """What upstream's tests of its PD adapter ask for."""
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
    words = server.words()
    told = re.findall(r"^  (/\S+): ", words, re.MULTILINE)
    expected = ["/role", "/peer_host", "/peer_init_port", "/peer_alloc_port", "/buffer_size", "/prox_host"]
    assert code != 0, "the server started"
    assert set(expected) <= set(told), f"printed {told} of {expected}: {words[-3000:]}"
    return f"exit code {code}, {len(set(told))} of {len(expected)} faults printed: {' '.join(expected)}"


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
    # So that servers are ended, too, when this is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    # What LMCache's client logs of every request is not what was measured.
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
                verdict = f"FAIL {name}: {traceback.format_exc()}{last_words(folder)}"
        print(f"{verdict} [{time.monotonic() - began:.0f} s]", flush=True)
    print(f"{len(names) - len(failed)} of {len(names)} checks passed" + "".join(f", {name} failed" for name in failed))
    # LMCache's client leaves threads behind where its server was killed.
    sys.stdout.flush()
    os._exit(bool(failed))


def last_words(folder):
    """The ends of the servers' logs."""
    logs = sorted(Path(folder).glob("*.log"))
    return "".join(f"\n--- {log.name}\n{log.read_text(errors='replace')[-2500:]}" for log in logs)


if __name__ == "__main__":
    main()
