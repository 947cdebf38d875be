#!/usr/bin/env python3
"""Measures `l2-adapter check` next to other commands that validate JSON, on the same specs: ajv-cli, check-jsonschema and
jsonschema-cli check them against the schema that `l2-adapter schema` exports. Rounds are interleaved.

    benches/throughput.py [--specs 500000] [--rounds 5]

The specs are valid: one list of minimal and full examples. check-jsonschema, which is slower by two orders of magnitude, gets one
in fifty. Prints a table for benches/README.md. Time is that of the processor (user and system), which other programs on the
machine disturb less than the clock. Installs the other commands into target/bench-peers, once; needs cargo, npm and python3 with its
venv module, and their registries.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "target/bench-peers"
AJV, CHECK_JSONSCHEMA, JSONSCHEMA = "5.0.0", "0.39.0", "0.60.2"
TYPES = ["fs", "pd", "s3", "raw_block", "mooncake_store", "resp", "nixl_store"]


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def install():
    installed, versions = PEERS / "installed.txt", f"{AJV} {CHECK_JSONSCHEMA} {JSONSCHEMA}"
    if installed.is_file() and installed.read_text() == versions:
        return
    PEERS.mkdir(parents=True, exist_ok=True)
    run("npm", "install", "--silent", "--prefix", PEERS, f"ajv-cli@{AJV}")
    run(sys.executable, "-m", "venv", PEERS / "venv")
    run(PEERS / "venv/bin/pip", "install", "--quiet", "--only-binary", ":all:", f"check-jsonschema=={CHECK_JSONSCHEMA}")
    run("cargo", "install", "--quiet", "--locked", "--root", PEERS, "--version", JSONSCHEMA, "jsonschema-cli")
    installed.write_text(versions)


def built():
    run("cargo", "build", "--quiet", "--release", "--bin", "l2-adapter", cwd=ROOT)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/l2-adapter"


def write_specs(ours, file_name, count):
    """A list of `count` specs in a file."""
    extents = [[], ["--full", "--lmcache", "0.5.6"]]
    commands = [[ours, "example", name, *extent] for name in TYPES for extent in extents]
    examples = [json.dumps(json.loads(run(*command, stdout=subprocess.PIPE).stdout)) for command in commands]
    file = PEERS / file_name
    # Piece by piece: the memory that is measured is never less than that of this program.
    with file.open("w") as out:
        out.write("[" + examples[0])
        out.writelines(f",\n{example}" for example in itertools.islice(itertools.cycle(examples), 1, count))
        out.write("]")
    return file


def commands(ours, schema, specs, fewer):
    """Each command with its name and arguments. All of them find every spec valid."""
    ajv = ["--spec=draft2020", "--strict=false", "--validate-formats=false", "-s", schema, "-d", specs]
    return {
        "l2-adapter check": [ours, "check", "--no-pairs", "--quiet", specs],
        f"ajv-cli {AJV}": [PEERS / "node_modules/.bin/ajv", "validate", *ajv],
        f"jsonschema-cli {JSONSCHEMA}": [PEERS / "bin/jsonschema-cli", "validate", schema, "-i", specs],
        f"check-jsonschema {CHECK_JSONSCHEMA}": [PEERS / "venv/bin/check-jsonschema", "--schemafile", schema, fewer],
    }


def measure(command):
    """Seconds of the processor and MiB of one run."""
    child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} ended with {child.returncode}: {output.decode(errors='replace')[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    install()
    ours, schema = built(), PEERS / "schema.json"
    schema.write_bytes(run(ours, "schema", stdout=subprocess.PIPE).stdout)
    specs = write_specs(ours, "specs.json", arguments.specs)
    fewer = write_specs(ours, "fewer.json", max(arguments.specs // 50, 1))

    peers = commands(ours, schema, specs, fewer)
    measured = {name: [] for name in peers}
    for _ in range(arguments.rounds):
        for name, command in peers.items():
            measured[name].append(measure(command))
    busy = os.getloadavg()[0] / os.cpu_count()
    print(f"{arguments.specs:,} specs, {specs.stat().st_size >> 20} MiB; medians of {arguments.rounds} rounds; ", end="")
    print(f"{busy:.1f} processes per processor\n")
    print("| | processor, s | specs per second of the processor | `check` / this, of each round | memory, MiB |")
    print("|---|---|---|---|---|")
    own = [seconds / arguments.specs for seconds, _ in measured["l2-adapter check"]]
    for name, command in peers.items():
        count = max(arguments.specs // 50, 1) if fewer in command else arguments.specs
        seconds, memory = (statistics.median(values) for values in zip(*measured[name]))
        ratios = sorted(mine * count / theirs for mine, (theirs, _) in zip(own, measured[name]))
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} .. {ratios[-1]:.2f})"
        print(f"| {name} | {seconds:.2f} | {count / seconds:,.0f} | {spread} | {memory:.0f} |")


if __name__ == "__main__":
    main()
