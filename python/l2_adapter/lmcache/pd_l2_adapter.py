"""LMCache's adapter type `pd`: `{"type": "pd", "role": "sender", ...}` instead of the `plugin` form.

Importing this module registers the type, as LMCache's own `*_l2_adapter` modules do. LMCache imports it if
`python -m l2_adapter.lmcache server` runs the server, or after `python -m l2_adapter.lmcache install`.
"""

from lmcache.v1.distributed.l2_adapters.config import register_l2_adapter_type
from lmcache.v1.distributed.l2_adapters.factory import register_l2_adapter_factory

from l2_adapter.lmcache import PdL2Adapter
from l2_adapter.lmcache import PdL2AdapterConfig as ConfigOfPlugin


class PdL2AdapterConfig(ConfigOfPlugin):
    """A spec of the type `pd`, in which LMCache reads `serde`, `shared` and similar keys."""

    READS_SHARED_KEYS = True


__all__ = ["PdL2Adapter", "PdL2AdapterConfig"]

register_l2_adapter_type("pd", PdL2AdapterConfig)
register_l2_adapter_factory("pd", PdL2Adapter)
