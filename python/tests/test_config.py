"""`PdL2AdapterConfig`, which has the form of LMCache's other configs."""

import copy
import inspect
import subprocess
import sys
import typing
from abc import ABC, abstractmethod

import pytest
from lmcache.v1.distributed.config import EvictionConfig
from lmcache.v1.distributed.l2_adapters.base import L2AdapterInterface
from lmcache.v1.distributed.l2_adapters.config import L2AdapterConfigBase, PersistConfig
from lmcache.v1.distributed.serde import SerdeConfig

import l2_adapter
import l2_adapter.lmcache
from l2_adapter.lmcache import PdL2Adapter, PdL2AdapterConfig

MINIMAL = {"role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]}
FULL = {
    "role": "receiver",
    "peer_host": "::1",
    "peer_init_port": [9051, 9053],
    "peer_alloc_port": [9052, 9054],
    "proxy_host": "",
    "proxy_port": 0,
    "buffer_size": 1_073_741_824,
    "buffer_device": "cuda",
    "transfer_channel": "mock_memory",
    "nixl_backends": ["UCX"],
}
ALL_KEYS = list(FULL)


@pytest.mark.parametrize("role", ["sender", "receiver"])
def test_a_config_has_the_values_of_a_minimal_spec(role):
    config = PdL2AdapterConfig.from_dict({**MINIMAL, "role": role})
    assert (config.role, config.peer_host, config.peer_init_port, config.peer_alloc_port) == (
        role,
        "10.0.0.1",
        [9051],
        [9052],
    )


def test_keys_that_a_minimal_spec_omits_have_defaults():
    config = PdL2AdapterConfig.from_dict(MINIMAL)
    assert (config.proxy_host, config.proxy_port, config.buffer_size) == ("", 0, 67_108_864)
    assert (config.buffer_device, config.transfer_channel, config.nixl_backends) == ("cpu", "nixl", ["tcp"])


def test_all_ten_keys_round_trip():
    config = PdL2AdapterConfig.from_dict(FULL)
    assert {key: getattr(config, key) for key in ALL_KEYS} == FULL


@pytest.mark.parametrize("key", ["role", "peer_host", "peer_init_port", "peer_alloc_port"])
def test_the_error_names_a_missing_required_key(key):
    with pytest.raises(ValueError, match=f"`{key}` is required"):
        PdL2AdapterConfig.from_dict({name: value for name, value in MINIMAL.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("role", "invalid", '`role` must be "sender" or "receiver"'),
        ("peer_host", "", "`peer_host` must not be blank"),
        ("buffer_device", "gpu", '`buffer_device` must be "cpu" or "cuda"'),
        ("transfer_channel", "invalid", '`transfer_channel` must be "nixl" or "mock_memory"'),
        ("peer_init_port", "9051", "`peer_init_port` must be a list"),
        ("peer_init_port", [None], "must be an integer"),
        ("buffer_size", "7", "`buffer_size` must be an integer"),
        ("bufer_size", 7, "did you mean `buffer_size`"),
        ("type", "fs", "`type`"),
    ],
)
def test_the_message_says_what_an_invalid_value_must_be(key, value, message):
    with pytest.raises(ValueError, match=message):
        PdL2AdapterConfig.from_dict({**MINIMAL, key: value})


def test_one_error_has_every_fault():
    with pytest.raises(ValueError) as refused:
        PdL2AdapterConfig.from_dict({"role": "sendr", "peer_host": "", "buffer_size": 0, "proxy_prt": 1})
    for pointer in ("/role", "/peer_host", "/peer_init_port", "/peer_alloc_port", "/buffer_size", "/proxy_prt"):
        assert pointer in str(refused.value)


def test_the_error_has_the_faults_as_records():
    with pytest.raises(l2_adapter.SpecError) as refused:
        PdL2AdapterConfig.from_dict({**MINIMAL, "role": "sendr", "buffer_size": 0})
    assert isinstance(refused.value, ValueError)
    faults = refused.value.errors
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [
        ("/role", "not_allowed"),
        ("/buffer_size", "out_of_range"),
    ]
    assert faults[0].keys() == typing.get_type_hints(l2_adapter.Fault).keys()
    assert faults[0]["suggestion"] == "sender"


def test_no_fault_shows_a_secret():
    with pytest.raises(l2_adapter.SpecError) as refused:
        PdL2AdapterConfig.from_dict({**MINIMAL, "shared_secret": "open sesame"})
    assert "sesame" not in f"{refused.value} {refused.value.errors}"


def test_every_key_of_the_adapter_itself_is_a_property():
    shared = {"type", "affinity_tag", "eviction", "persist_enabled", "serde", "shared"}
    keys = PdL2AdapterConfig.json_schema()["properties"].keys() - shared
    assert len(keys) >= 16
    config = PdL2AdapterConfig.from_dict({**MINIMAL, "node_name": "prefill-0", "timing": {"lease_seconds": 60}})
    assert {key: getattr(config, key) for key in keys} == {key: config.to_dict().get(key) for key in keys}
    assert {key for key in keys if isinstance(getattr(PdL2AdapterConfig, key), property)} == keys


def test_importing_the_plug_in_registers_nothing():
    program = (
        "import sys; sys.path[:] = sys.argv[1:]; import prometheus_client;"
        "registered = []; prometheus_client.CollectorRegistry.register = lambda _, collector: registered.append(collector);"
        "import l2_adapter, l2_adapter.lmcache.requests;"
        "from lmcache.v1.distributed.l2_adapters.config import get_registered_l2_adapter_types as types;"
        "print('pd' in types(), [type(one).__module__ for one in registered if 'l2_adapter' in type(one).__module__])"
    )
    run = subprocess.run([sys.executable, "-c", program, *sys.path], stdout=subprocess.PIPE, check=True, text=True)
    assert run.stdout.splitlines()[-1] == "False []"


def test_a_number_that_json_cannot_write_is_refused():
    with pytest.raises(ValueError):
        PdL2AdapterConfig.from_dict({**MINIMAL, "buffer_size": float("nan")})


def test_a_spec_that_is_not_an_object_is_refused():
    with pytest.raises(ValueError, match="must be an object"):
        PdL2AdapterConfig.from_dict(["role"])


def test_from_dict_reads_eviction_and_persistence():
    config = PdL2AdapterConfig.from_dict(
        {**MINIMAL, "eviction": {"eviction_policy": "LRU", "trigger_watermark": 0.5}, "persist_enabled": False}
    )
    assert config.eviction_config == EvictionConfig("LRU", 0.5, 0.2)
    assert config.persist_config == PersistConfig(False)


def test_eviction_and_persistence_default_to_lmcaches_defaults():
    config = PdL2AdapterConfig.from_dict(MINIMAL)
    assert (config.eviction_config, config.persist_config) == (None, PersistConfig())


def test_lmcaches_parser_can_assign_its_attributes():
    config = PdL2AdapterConfig.from_dict(MINIMAL)
    assigned = {
        "shared": True,
        "eviction_config": EvictionConfig("LRU"),
        "persist_config": PersistConfig(False),
        "serde_config": SerdeConfig("fp8"),
    }
    if hasattr(L2AdapterConfigBase, "affinity_tag"):
        assigned["affinity_tag"] = "fast"
    for name, value in assigned.items():
        setattr(config, name, value)
    assert {name: getattr(config, name) for name in assigned} == assigned


def test_the_adapters_own_settings_cannot_be_assigned():
    config = PdL2AdapterConfig.from_dict(MINIMAL)
    for key in ALL_KEYS:
        with pytest.raises(AttributeError):
            setattr(config, key, None)


def test_help_names_every_key_and_says_whether_it_is_required():
    help_text = PdL2AdapterConfig.help()
    assert help_text == l2_adapter.explain("pd")
    assert [key for key in ALL_KEYS if f"\n    {key} (" not in help_text] == []


def test_the_schema_is_that_of_the_type():
    # `affinity_tag` is the only key of `pd` that depends on the version: 0.5.6 has it.
    of_version = l2_adapter.json_schema("pd", lmcache="0.5.6")
    assert of_version.pop("$comment") == "For LMCache 0.5.6."
    assert PdL2AdapterConfig.json_schema() == of_version


def test_a_secret_is_redacted_everywhere():
    config = PdL2AdapterConfig.from_dict({**MINIMAL, "shared_secret": "open sesame, open sesame"})
    shown = f"{config!r} {config.to_dict()} {vars(config)}"
    assert "sesame" not in shown


def test_a_secret_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("L2_ADAPTER_PD_SHARED_SECRET", "open sesame, open sesame")
    assert PdL2AdapterConfig.from_dict(MINIMAL).to_dict()["shared_secret"] is not None


@pytest.mark.parametrize(
    ("key", "value"),
    [("affinity_tag", "fast"), ("persist_enabled", False), ("serde", {"type": "aesgcm"}), ("shared", True)],
)
def test_a_key_without_effect_inside_adapter_params_is_logged(key, value, caplog):
    PdL2AdapterConfig.from_dict({**MINIMAL, key: value})
    assert f"`{key}` has no effect inside `adapter_params`" in caplog.text


def test_the_advice_about_an_affinity_tag_depends_on_the_lmcache_version(caplog):
    PdL2AdapterConfig.from_dict({**MINIMAL, "affinity_tag": "fast"})
    takes_one = hasattr(L2AdapterConfigBase, "affinity_tag")
    assert ("put it next to them" in caplog.text, "remove it" in caplog.text) == (takes_one, not takes_one)


def test_parsing_a_written_config_logs_nothing(caplog):
    PdL2AdapterConfig.from_dict(PdL2AdapterConfig.from_dict(MINIMAL).to_dict())
    assert caplog.text == ""


def test_a_setting_without_effect_is_logged(caplog):
    PdL2AdapterConfig.from_dict({**MINIMAL, "role": "receiver", "proxy_host": "proxy", "proxy_port": 1})
    assert "has no effect on a receiver" in caplog.text


def test_lmcache_finds_the_config_next_to_the_adapter():
    config_class = getattr(l2_adapter.lmcache, PdL2Adapter.__name__ + "Config")
    assert issubclass(config_class, L2AdapterConfigBase)
    assert issubclass(PdL2Adapter, L2AdapterInterface)


def test_the_error_names_a_config_method_that_a_later_lmcache_requires():
    class LaterInterface(ABC):
        @classmethod
        @abstractmethod
        def required_later(cls): ...

    class Config(PdL2AdapterConfig, LaterInterface):
        pass

    with pytest.raises(RuntimeError, match="Config does not implement `LaterInterface.required_later`"):
        Config.from_dict(MINIMAL)


def test_methods_accept_lmcaches_arguments():
    ours, theirs = vars(PdL2Adapter), vars(L2AdapterInterface)
    methods = [name for name in theirs if not name.startswith("_") and name in ours]
    assert {name: list(inspect.signature(ours[name]).parameters) for name in methods} == {
        name: list(inspect.signature(theirs[name]).parameters) for name in methods
    }


def test_a_config_can_be_deep_copied_as_lmcache_does_to_print_it():
    config = PdL2AdapterConfig.from_dict(MINIMAL)
    assert copy.deepcopy(config).to_dict() == config.to_dict()


def test_a_spec_inside_adapter_params_may_name_its_type(caplog):
    PdL2AdapterConfig.from_dict({**MINIMAL, "type": "pd", "serde": {"type": "aesgcm"}})
    assert "`serde` has no effect inside `adapter_params`" in caplog.text
