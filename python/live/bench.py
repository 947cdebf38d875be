"""Runs `lmcache bench l2` with the PD adapter in both roles and with LMCache's own adapters, one after the other."""

import json
import os
import subprocess
import sys
from pathlib import Path

from servers import HANGS_AFTER_SECONDS, pd_params, wait_until

KEYS, KILOBYTES, ROUNDS, WARMUP_ROUNDS = 64, 1024, 10, 2


def arguments(spec, only=None):
    rounds = ("--rounds", str(ROUNDS), "--warmup-rounds", str(WARMUP_ROUNDS))
    sizes = ("--num-keys", str(KEYS), "--data-size-kb", str(KILOBYTES), "--l1-align-bytes", "4096")
    verify = ("--only", only) if only else ("--no-skip-verify",)
    lmcache = Path(sys.executable).with_name("lmcache")
    hits = ("--lookup-max-hit-rate", "1.0")
    return [str(lmcache), "bench", "l2", "--l2-adapter", json.dumps(spec), *sizes, *rounds, *verify, *hits]


def start(folder, name, spec, only=None, **environment):
    """Starts the tool. Its measurements go to a file, its output to a log."""
    with (Path(folder) / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [*arguments(spec, only), "--format", "json", "--output", str(Path(folder) / f"{name}.json")],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def measured(folder, name, process):
    """Milliseconds and MB/s of each operation."""
    code = process.wait(HANGS_AFTER_SECONDS)
    log = (Path(folder) / f"{name}.log").read_text(errors="replace")
    assert code == 0, f"{name}: exit code {code}: {log[-3000:]}"
    metrics = json.loads((Path(folder) / f"{name}.json").read_text())["metrics"]
    found = {}
    for section in metrics.values():
        if "operation" in section:
            assert section["total_success"] == section["total_keys"], f"{name}: keys failed: {section}"
            found[section["operation"]] = section["duration_p50_ms"], section["throughput_avg_mbps"]
    return found


def alone(folder, name, spec):
    """Measures store, lookup and load with verification, in one process."""
    process = start(folder, name, spec)
    try:
        return measured(folder, name, process)
    finally:
        process.kill()


def pd(folder):
    """Measures both roles: the receiver's process looks up and loads the chunks that the sender's process stores."""
    all_keys = KEYS * (ROUNDS + WARMUP_ROUNDS)
    buffer = all_keys * KILOBYTES << 10
    params = pd_params(1, buffer)
    spec = {
        "type": "plugin",
        "module_path": "filled_receiver",
        "class_name": "FilledReceiver",
        "adapter_params": {"role": "receiver", **params},
    }
    sending = {
        "type": "plugin",
        "module_path": "l2_adapter.lmcache",
        "class_name": "PdL2Adapter",
        "adapter_params": {"role": "sender", **params},
    }
    module_path = os.pathsep.join((str(Path(__file__).parent), os.environ["PYTHONPATH"]))
    receiver = start(folder, "receiver", spec, LIVE_EXPECTED_CHUNKS=str(all_keys), PYTHONPATH=module_path)
    sender = None
    try:
        log = Path(folder) / "receiver.log"
        wait_until("the receiver listens", lambda: "receiver is started" in log.read_text(errors="replace"))
        sender = start(folder, "sender", sending, only="store")
        stored = measured(folder, "sender", sender)
        received = measured(folder, "receiver", receiver)
    finally:
        receiver.kill()
        if sender:
            sender.kill()
    # A receiver's own stores have no effect.
    return {"Store": stored["Store"], **{name: value for name, value in received.items() if name != "Store"}}


def compare(folder):
    """Measures all adapters in one run."""
    specs = {
        "mock": {"type": "mock", "max_size_gb": 2, "mock_bandwidth_gb": 100},
        "fs": {"type": "fs", "base_path": f"{folder}/fs"},
        "fs_native": {"type": "fs_native", "base_path": f"{folder}/fs_native"},
    }
    results = {"pd": pd(folder)}
    results |= {name: alone(folder, name, spec) for name, spec in specs.items()}
    lines = [f"{KEYS} keys of {KILOBYTES} KiB, {ROUNDS} rounds: median ms (mean MB/s), NIXL over shared memory"]
    for name, operations in results.items():
        shown = ", ".join(f"{one} {time}" + f" ({speed})" * (speed > 0) for one, (time, speed) in operations.items())
        lines.append(f"       {name}: {shown}")
    return "\n".join(lines)
