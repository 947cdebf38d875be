#!/usr/bin/env python3
"""Checks that the native part of a wheel loads on the systems that its file name promises: each symbol that it needs is Python's
own, or in a library of the oldest such system.

Usage: scripts/wheel-symbols.py WHEEL...

Needs readelf (binutils), which reads the files of every architecture.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The versions of GCC's libraries on the oldest system of a `manylinux` tag, by the tag's glibc. For 2.28 that is RHEL 8.
GCC_FLOORS = {(2, 28): {"GLIBCXX": (3, 4, 25), "CXXABI": (1, 3, 11), "GCC": (7, 0, 0)}}


def floors(wheel: str) -> dict[str, tuple[int, ...]]:
    """The latest version of each family of symbols that a wheel may need, according to its file name."""
    tag = re.search(r"manylinux_(\d+)_(\d+)_", wheel)
    if tag is None:
        raise ValueError(f"{wheel} has no manylinux tag, so it is only for the system that built it")
    glibc = (int(tag[1]), int(tag[2]))
    return {"GLIBC": glibc, **GCC_FLOORS.get(glibc, {})}


def needed(dynamic_symbols: str) -> list[str]:
    """The undefined symbols in the output of `readelf --wide --dyn-syms`, with their versions, except weak ones."""
    rows = [line.split() for line in dynamic_symbols.splitlines()]
    return [row[7] for row in rows if len(row) >= 8 and row[6] == "UND" and row[4] == "GLOBAL"]


def refusal(symbol: str, latest: dict[str, tuple[int, ...]]) -> str | None:
    """The reason why a symbol is missing on some systems, or None."""
    name, _, version = symbol.partition("@")
    if not version:
        # The interpreter provides these.
        return None if re.match(r"_?Py", name) else "has no version, so it is in no library of the system"
    family, _, number = version.strip("@").partition("_")
    if not re.fullmatch(r"[\d.]+", number):
        return "is private to its library"
    if family in latest and tuple(int(part) for part in number.split(".")) > latest[family]:
        return f"is later than {family}_{'.'.join(map(str, latest[family]))}"
    return None


def refusals(dynamic_symbols: str, latest: dict[str, tuple[int, ...]]) -> list[str]:
    """A line for each symbol that is missing on some systems."""
    reasons = [(symbol, refusal(symbol, latest)) for symbol in needed(dynamic_symbols)]
    return [f"{symbol} {reason}" for symbol, reason in reasons if reason]


def check(wheel: Path) -> list[str]:
    """The errors in a wheel's native part."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        [library] = [name for name in archive.namelist() if name.endswith(".so")]
        command = ["readelf", "--wide", "--dyn-syms", archive.extract(library, folder)]
        symbols = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    if not needed(symbols):
        raise ValueError(f"found no symbols that {library} needs: this script cannot read the output of this readelf")
    return refusals(symbols, floors(wheel.name))


def main() -> None:
    wheels = [Path(argument) for argument in sys.argv[1:]]
    if not wheels:
        sys.exit(__doc__)
    found = [f"{wheel.name}: {line}" for wheel in wheels for line in check(wheel)]
    if found:
        sys.exit("\n".join(found))
    for wheel in wheels:
        print(f"{wheel.name}: every symbol that it needs is available")


if __name__ == "__main__":
    main()
