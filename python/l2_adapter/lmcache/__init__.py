"""The PD adapter as LMCache's `plugin` type loads it. It needs LMCache, of which it is a plug-in:

    {"type": "plugin", "module_path": "l2_adapter.lmcache", "class_name": "PdL2Adapter",
     "adapter_params": {"role": "sender", "peer_host": "10.0.0.2", "peer_init_port": [9051], "peer_alloc_port": [9052]}}

`l2_adapter.explain("pd")` says what `adapter_params` may have. Importing starts nothing.
"""

from l2_adapter.lmcache.adapter import PdL2Adapter
from l2_adapter.lmcache.config import PdL2AdapterConfig

__all__ = ["PdL2Adapter", "PdL2AdapterConfig"]
