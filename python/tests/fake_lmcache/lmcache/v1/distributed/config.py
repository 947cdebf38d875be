"""The config of eviction."""

from dataclasses import dataclass


@dataclass
class EvictionConfig:
    eviction_policy: str
    trigger_watermark: float = 0.8
    eviction_ratio: float = 0.2
