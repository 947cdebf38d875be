"""The spec as `{"type": "pd", ...}`, which works if our command runs LMCache's server, or our module is installed in LMCache."""

from l2_adapter.lmcache import installation
from pair import SKIP_L1, pair
from servers import LMCACHE, WITH_OUR_TYPE, wait_until

REQUESTS = 20
EVICTION = {"eviction_policy": "LRU", "trigger_watermark": 0.5, "eviction_ratio": 0.3}


def pd_spec(params):
    return {"type": "pd", **params}


def type_pd(folder):
    """Every request is handed over in both ways, and LMCache's `eviction` works. No file is left behind."""
    assert not installation.is_installed(), f"{installation.path()} is installed: this check would remove it"
    reports = [hand_over(folder / "command", (pd_spec, WITH_OUR_TYPE), "python -m l2_adapter.lmcache server")]
    assert not installation.is_installed(), "the command has written a module"
    installation.install()
    try:
        reports.append(hand_over(folder / "installed", (pd_spec, LMCACHE), "installed, lmcache server"))
    finally:
        installation.uninstall()
    return "; ".join(reports)


def hand_over(folder, form, name):
    folder.mkdir()
    with pair(folder, form=form, prefill_arguments=SKIP_L1, shared_keys={"eviction": EVICTION}) as nodes:
        for number in range(REQUESTS):
            assert nodes.store(number)
            nodes.arrive(number)
        [rank] = nodes.ranks_of(nodes.decode)
        assert rank["committed_chunks"] == REQUESTS * nodes.chunks_a_request, rank
        for server in (nodes.prefill, nodes.decode):
            # LMCache copies every config to print it.
            assert server.get("/config")
        half = nodes.buffer_bytes * EVICTION["trigger_watermark"]
        wait_until("chunks are evicted", lambda: nodes.ranks_of(nodes.decode)[0]["committed"]["bytes"] <= half)
        return f"{name}: {rank['committed_chunks']} chunks, all equal, evicted above the watermark"
