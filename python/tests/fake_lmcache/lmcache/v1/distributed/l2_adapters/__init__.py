"""All adapters: each module here whose name ends in `_l2_adapter` is one."""

import pkgutil

from lmcache.v1.distributed.l2_adapters.factory import add_pending_module, create_l2_adapter_from_registry

for _, _name, _ in pkgutil.iter_modules(__path__):
    if _name.endswith("_l2_adapter"):
        add_pending_module(f"{__name__}.{_name}")


def create_l2_adapter(config, l1_memory_desc=None):
    return create_l2_adapter_from_registry(config, l1_memory_desc)
