"""The base of all configs of adapters, and the registry of types."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import lmcache
from lmcache.v1.distributed.config import EvictionConfig
from lmcache.v1.distributed.serde import SerdeConfig


@dataclass(frozen=True)
class PersistConfig:
    persist_enabled: bool = True


class L2AdapterConfigBase(ABC):
    # Memory tags replaced it.
    if not lmcache.HAS_MEMORY_TAGS:
        affinity_tag: str = "_default"
    eviction_config: EvictionConfig | None = None
    shared: bool = False
    persist_config: PersistConfig = PersistConfig()
    serde_config: SerdeConfig | None = None

    @staticmethod
    def _parse_serde_config(d):
        serde = d.get("serde")
        if serde is None:
            return None
        return SerdeConfig(serde["type"], {key: value for key, value in serde.items() if key != "type"})

    @staticmethod
    def _parse_eviction_config(d):
        eviction = d.get("eviction")
        if eviction is None:
            return None
        return EvictionConfig(
            eviction["eviction_policy"],
            float(eviction.get("trigger_watermark", 0.8)),
            float(eviction.get("eviction_ratio", 0.2)),
        )

    @staticmethod
    def _parse_persist_config(d):
        return PersistConfig(bool(d.get("persist_enabled", True)))

    @classmethod
    @abstractmethod
    def from_dict(cls, d): ...

    @classmethod
    @abstractmethod
    def help(cls): ...


_configs = {}


def register_l2_adapter_type(name, config_cls):
    if name in _configs:
        raise ValueError(f"L2 adapter type already registered: {name!r}")
    _configs[name] = config_cls


def get_l2_adapter_config_class(type_name):
    get_registered_l2_adapter_types()
    if type_name not in _configs:
        raise ValueError(f"unknown L2 adapter type {type_name!r}")
    return _configs[type_name]


def get_registered_l2_adapter_types():
    # Imported here, as in LMCache, because the two modules import each other.
    from lmcache.v1.distributed.l2_adapters.factory import get_all_registered_names

    return get_all_registered_names()


def get_type_name_for_config(config):
    return next(name for name, config_class in _configs.items() if type(config) is config_class)
