"""The eight tests and the example that the request for `PdL2AdapterConfig` lists, under their names."""

import pytest
from lmcache.v1.distributed.l2_adapters import create_l2_adapter
from lmcache.v1.distributed.l2_adapters.config import get_l2_adapter_config_class, get_registered_l2_adapter_types
from lmcache.v1.distributed.l2_adapters.factory import add_pending_module
from node import pd_specs

# `install` writes this file to the path that the request names.
from l2_adapter.lmcache.pd_l2_adapter import PdL2Adapter, PdL2AdapterConfig

REQUIRED = {"peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]}
OPTIONAL = {
    "proxy_host": "proxy",
    "proxy_port": 7500,
    "buffer_size": 1_073_741_824,
    "buffer_device": "cuda",
    "transfer_channel": "mock_memory",
    "nixl_backends": ["UCX"],
}
DEFAULTS = {
    "proxy_host": "",
    "proxy_port": 0,
    "buffer_size": 67_108_864,
    "buffer_device": "cpu",
    "transfer_channel": "nixl",
    "nixl_backends": ["tcp"],
}


def spec(role, **others):
    return {"type": "pd", "role": role, **REQUIRED, **others}


def values(config, keys):
    return {key: getattr(config, key) for key in keys}


def test_parse_valid_sender_config():
    config = PdL2AdapterConfig.from_dict(spec("sender"))
    assert (config.role, config.peer_host, config.buffer_size) == ("sender", "10.0.0.1", 67_108_864)


@pytest.mark.parametrize("role", ["sender"])
def test_parse_minimal_sender_config(role):
    assert values(PdL2AdapterConfig.from_dict(spec(role)), ["role", *REQUIRED]) == {"role": role, **REQUIRED}


def test_parse_minimal_receiver_config():
    test_parse_minimal_sender_config("receiver")


@pytest.mark.parametrize("missing", ["role", *REQUIRED])
def test_fail_on_missing_required(missing):
    incomplete = {key: value for key, value in spec("sender").items() if key != missing}
    with pytest.raises(ValueError, match=f"`{missing}` is required"):
        PdL2AdapterConfig.from_dict(incomplete)


def test_fail_on_invalid_role():
    with pytest.raises(ValueError, match='`role` must be "sender" or "receiver"'):
        PdL2AdapterConfig.from_dict(spec("invalid"))


def test_help_contains_all_field_names():
    presence = dict.fromkeys(["role", *REQUIRED], "required") | dict.fromkeys(OPTIONAL, "optional")
    lines = PdL2AdapterConfig.help().splitlines()
    for key, word in presence.items():
        assert any(line.strip().startswith(f"{key} (") and word in line for line in lines), key


def test_registered_in_factory():
    add_pending_module("l2_adapter.lmcache.pd_l2_adapter")
    assert "pd" in get_registered_l2_adapter_types()
    assert get_l2_adapter_config_class("pd") is PdL2AdapterConfig


def test_all_fields_round_trip():
    given = {"role": "sender", **REQUIRED, **OPTIONAL}
    assert values(PdL2AdapterConfig.from_dict({"type": "pd", **given}), given) == given


def test_defaults_applied():
    assert values(PdL2AdapterConfig.from_dict(spec("sender")), DEFAULTS) == DEFAULTS


def test_the_eviction_and_persist_hooks_run():
    config = PdL2AdapterConfig.from_dict(
        spec("receiver", eviction={"eviction_policy": "LRU", "trigger_watermark": 0.9}, persist_enabled=False)
    )
    assert (config.eviction_config.trigger_watermark, config.persist_config.persist_enabled) == (0.9, False)


def test_lmcaches_factory_creates_the_adapter():
    test_registered_in_factory()
    config = PdL2AdapterConfig.from_dict({"type": "pd", **pd_specs().receiver})
    made = create_l2_adapter(config)
    try:
        assert type(made) is PdL2Adapter
    finally:
        made.close()
