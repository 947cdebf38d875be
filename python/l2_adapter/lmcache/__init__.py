"""The PD adapter as LMCache's `plugin` type loads it. It needs LMCache, of which it is a plug-in:

    {"type": "plugin", "module_path": "l2_adapter.lmcache", "class_name": "PdL2Adapter",
     "adapter_params": {"role": "sender", "peer_host": "10.0.0.2", "peer_init_port": [9051], "peer_alloc_port": [9052]}}

`l2_adapter.explain("pd")` documents the keys of `adapter_params`. Importing starts nothing.
"""

import importlib.util

if importlib.util.find_spec("lmcache") is None:
    raise ModuleNotFoundError("LMCache is not installed in this Python: install it, or use the Python that has it")

from l2_adapter.lmcache.adapter import PdL2Adapter
from l2_adapter.lmcache.config import PdL2AdapterConfig

__all__ = ["PdL2Adapter", "PdL2AdapterConfig"]
