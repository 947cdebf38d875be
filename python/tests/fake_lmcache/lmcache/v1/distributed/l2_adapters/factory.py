"""The registry of adapter types and their factories."""

import importlib

from lmcache.v1.distributed.l2_adapters.config import get_type_name_for_config

_factories = {}
_pending_modules = []


def register_l2_adapter_factory(name, factory):
    if name in _factories:
        raise ValueError(f"L2 adapter factory already registered: {name}")
    _factories[name] = factory


def add_pending_module(module_path):
    if module_path not in _pending_modules:
        _pending_modules.append(module_path)


def get_all_registered_names():
    while _pending_modules:
        importlib.import_module(_pending_modules.pop(0))
    return sorted(_factories)


def create_l2_adapter_from_registry(config, l1_memory_desc=None):
    return _factories[get_type_name_for_config(config)](config, l1_memory_desc)
