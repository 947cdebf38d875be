"""The behaviour that LMCache's tests of its unmerged PD adapter require, tested for our adapter in LMCache: config, registration
through the plug-in type, descriptors, closing. The name of a test says where ours differs on purpose."""

import argparse
import json
import os

import pytest
from lmcache.v1.distributed.l2_adapters import create_l2_adapter
from lmcache.v1.distributed.l2_adapters.config import L2AdapterConfigBase, parse_args_to_l2_adapters_config
from servers import pd_params, plugin_spec

from l2_adapter.lmcache import PdL2Adapter, PdL2AdapterConfig

REQUIRED = {"peer_host": "10.0.0.2", "peer_init_port": [9051], "peer_alloc_port": [9052]}
OTHERS = {
    "proxy_host": "10.0.0.3",
    "proxy_port": 7500,
    "buffer_size": 1 << 20,
    "buffer_device": "cpu",
    "transfer_channel": "mock_memory",
    "nixl_backends": ["UCX"],
}
DEFAULTS = {
    "proxy_host": "",
    "proxy_port": 0,
    "buffer_size": 64 << 20,
    "buffer_device": "cpu",
    "transfer_channel": "nixl",
    "nixl_backends": ["tcp"],
}


def through_lmcache(params):
    """The adapter that LMCache creates for an `--l2-adapter` argument."""
    arguments = argparse.Namespace(l2_adapter=[json.dumps(plugin_spec(params))])
    configs = parse_args_to_l2_adapters_config(arguments)
    return create_l2_adapter(configs.adapters[0], l1_memory_desc=None)


@pytest.fixture(params=["sender", "receiver"])
def adapter(request):
    made = through_lmcache({"role": request.param, **pd_params(1, 1 << 20)})
    yield made
    made.close()


@pytest.mark.parametrize("role", ["sender", "receiver"])
def test_a_minimal_spec_has_its_values_and_the_defaults(role):
    config = PdL2AdapterConfig.from_dict({"role": role, **REQUIRED})
    expected = {"role": role, **REQUIRED, **DEFAULTS}
    assert {name: getattr(config, name) for name in expected} == expected


def test_all_ten_fields_round_trip():
    expected = {"role": "sender", **REQUIRED, **OTHERS}
    config = PdL2AdapterConfig.from_dict(expected)
    assert {name: getattr(config, name) for name in expected} == expected


@pytest.mark.parametrize("missing", list(REQUIRED))
def test_the_error_names_a_missing_required_field(missing):
    spec = {"role": "sender", **REQUIRED}
    del spec[missing]
    with pytest.raises(ValueError, match=f"`{missing}` is required"):
        PdL2AdapterConfig.from_dict(spec)


@pytest.mark.parametrize(
    ("field", "value"), [("role", "invalid"), ("buffer_device", "gpu"), ("transfer_channel", "invalid")]
)
def test_a_value_that_is_not_allowed_is_refused(field, value):
    with pytest.raises(ValueError, match=f"`{field}` must be"):
        PdL2AdapterConfig.from_dict({"role": "sender", **REQUIRED, field: value})


def test_help_has_all_ten_fields():
    text = PdL2AdapterConfig.help()
    assert [name for name in ("role", *REQUIRED, *DEFAULTS) if name not in text] == []


def test_the_config_is_a_subclass_of_lmcaches():
    assert issubclass(PdL2AdapterConfig, L2AdapterConfigBase)


def test_lmcache_creates_our_adapter_from_its_argument(adapter):
    assert type(adapter) is PdL2Adapter


def test_three_descriptors_are_distinct(adapter):
    found = {
        adapter.get_store_event_fd(),
        adapter.get_lookup_and_lock_event_fd(),
        adapter.get_load_event_fd(),
    }
    assert len(found) == 3 and min(found) > 0


def test_close_closes_the_descriptors_and_may_be_repeated(adapter):
    found = [adapter.get_store_event_fd(), adapter.get_lookup_and_lock_event_fd(), adapter.get_load_event_fd()]
    adapter.close()
    adapter.close()
    for descriptor in found:
        with pytest.raises(OSError):
            os.fstat(descriptor)


def test_the_methods_that_upstream_did_not_implement_work(adapter):
    assert adapter.pop_completed_store_tasks() == {}
    assert adapter.query_load_result(99) is None
    adapter.submit_unlock([])
