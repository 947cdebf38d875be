"""What all configs of adapters are."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import lmcache
from lmcache.v1.distributed.config import EvictionConfig
from lmcache.v1.distributed.serde import SerdeConfig


@dataclass(frozen=True)
class PersistConfig:
    persist_enabled: bool = True


class L2AdapterConfigBase(ABC):
    # Memory tags took its place.
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
