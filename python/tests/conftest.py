"""Puts the stand-in into LMCache's place, and starts and closes adapters.

With L2_ADAPTER_TESTS_USE_LMCACHE=1 the tests run against the installed LMCache instead.
"""

import os
import sys
from pathlib import Path

import pytest

if not os.environ.get("L2_ADAPTER_TESTS_USE_LMCACHE"):
    sys.path.insert(0, str(Path(__file__).parent / "fake_lmcache"))

from node import NodeProcess, pd_specs  # noqa: E402 (the stand-in must be found first)

from l2_adapter.lmcache import PdL2Adapter  # noqa: E402


@pytest.fixture
def started():
    """Starts adapters, and closes them when the test ends."""
    adapters = []

    def start(spec, **arguments):
        adapters.append(PdL2Adapter(spec, **arguments))
        return adapters[-1]

    yield start
    for adapter in adapters:
        adapter.close()


@pytest.fixture
def receiver_process():
    """Starts receivers in separate processes, and ends them when the test ends."""
    processes = []

    def start(spec, **arguments):
        processes.append(NodeProcess(spec, **arguments))
        return processes[-1]

    yield start
    for process in processes:
        process.end()


@pytest.fixture(params=["mock_memory", "nixl"])
def channel(request, tmp_path):
    """Every transfer channel."""
    if request.param == "nixl":
        need_nixl(tmp_path)
    return request.param


def need_nixl(folder):
    """Skips the test if NIXL is not installed, unless the environment requires it: then the test fails."""
    if os.environ.get("L2_ADAPTER_NEEDS_NIXL"):
        return
    try:
        PdL2Adapter({**pd_specs("nixl").receiver, "buffer_size": 4096}).close()
    except RuntimeError as error:
        if "NIXL is not installed" in str(error):
            pytest.skip("NIXL is not installed: scripts/install-nixl installs it")
