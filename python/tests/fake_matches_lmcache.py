"""Compares the stand-in `fake_lmcache` with the installed LMCache: `python fake_matches_lmcache.py`.

It passes if LMCache has everything that the stand-in for its version has, with the same parameters, defaults, fields and abstract
methods, and if both behave alike in the cases on which the plug-in relies. Only this test needs LMCache.
"""

import dataclasses
import enum
import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

FAKE = Path(__file__).parent / "fake_lmcache"
NO_DEFAULT = "required"
# Compared by behaviour only: the stand-in has its own constructor and no subclasses.
WHOLE = {"lmcache.v1.memory_management.MemoryObj"}


def modules():
    """The names of the stand-in's modules."""
    for file in sorted(FAKE.rglob("*.py")):
        parts = file.relative_to(FAKE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parameters(function):
    # A call depends on names, kinds and defaults. The same annotation can be written in several ways.
    found = inspect.signature(function).parameters.values()
    return [
        (one.name, one.kind.name, NO_DEFAULT if one.default is one.empty else repr(one.default)) for one in found
    ]


def member(value):
    """The kind of a class's member, with the parameters of a Python function."""
    for kind in (staticmethod, classmethod):
        if isinstance(value, kind) and inspect.isfunction(value.__func__):
            return [kind.__name__, parameters(value.__func__)]
    if isinstance(value, property):
        return ["property"]
    if inspect.isfunction(value):
        return ["method", parameters(value)]
    return ["method"] if callable(value) else ["value", repr(value)]


def described(cls):
    if issubclass(cls, enum.Enum):
        return {"members": {one.name: member(one.value) for one in cls}, "abstract": []}
    # How a class keeps its state may differ.
    hidden = {"__module__", "__dict__", "__weakref__", "__doc__", "__annotations__", "__abstractmethods__", "_abc_impl"}
    generated = {"__eq__", "__hash__", "__repr__", "__match_args__", "__dataclass_fields__", "__dataclass_params__"}
    generated |= {"__setattr__", "__delattr__", "__replace__", "__static_attributes__", "__firstlineno__"}
    description = {
        "members": {name: member(value) for name, value in vars(cls).items() if name not in hidden | generated},
        "abstract": sorted(getattr(cls, "__abstractmethods__", ())),
    }
    if dataclasses.is_dataclass(cls):
        description["frozen"] = cls.__dataclass_params__.frozen
        description["fields"] = [field.name for field in dataclasses.fields(cls)]
        # Its fields describe it already, and its default objects have a different `repr` in each run.
        description["members"].pop("__init__", None)
    return description


def observed():
    """Behaviour that must be equal in both."""
    from lmcache.lmcache_native import Bitmap
    from lmcache.v1.distributed import api
    from lmcache.v1.distributed.api import ObjectKey
    from lmcache.v1.distributed.internal_api import L1MemoryDesc, L2StoreResult
    from lmcache.v1.distributed.l2_adapters.base import AdapterUsage, L2AdapterInterface
    from lmcache.v1.distributed.l2_adapters.config import L2AdapterConfigBase as Base

    bitmap = Bitmap(70)
    bitmap.batched_set([0, 69, 70])
    key = ObjectKey(b"\x01", "model", 2, 3, "salt")
    accessed = []
    if hasattr(L2AdapterInterface, "submit_touch"):
        L2AdapterInterface.submit_touch(SimpleNamespace(_notify_keys_accessed=accessed.append), ["key"])
    return {
        "memory tags": hasattr(api, "MemoryTags"),
        "touch": accessed,
        "bitmap": [bitmap.size(), bitmap.popcount(), bitmap.get_indices_list(), bitmap.gather(list(range(70)))],
        "key": [key.chunk_hash.hex(), key.model_name, key.kv_rank, key.object_group_id, key.cache_salt],
        "rank": ObjectKey.ComputeKVRank(8, 5, 4, 1),
        "results": [int(L2StoreResult(True, 7)), int(L2StoreResult(False, 7)), L2StoreResult(False, 7).is_successful()],
        "memory": L1MemoryDesc(1, 2, 3).stable_registration_size,
        "usage": [AdapterUsage(1, 0).usage_fraction, AdapterUsage(1, 4).usage_fraction],
        "eviction": [
            repr(Base._parse_eviction_config({})),
            Base._parse_eviction_config({"eviction": {"eviction_policy": "LRU"}}).trigger_watermark,
        ],
        "persist": [repr(Base._parse_persist_config(d)) for d in ({}, {"persist_enabled": False})],
        "serde": [repr(Base._parse_serde_config(d)) for d in ({"serde": None}, {"serde": {"type": "a", "b": 1}})],
        "bytes": bytes_of_a_memory_object(),
    }


def bytes_of_a_memory_object():
    """The traits of a memory object's bytes that matter to a buffer."""
    from memory import memory_object

    made = memory_object(b"contents")
    view = made.byte_array
    return [view.format, view.itemsize, view.readonly, view.c_contiguous, bytes(view).decode(), made.get_size()]


def describe():
    import lmcache

    names = {}
    for module_name in modules():
        for name, value in vars(importlib.import_module(module_name)).items():
            if inspect.isclass(value) and value.__module__.startswith("lmcache"):
                description = described(value)
            elif inspect.isfunction(value) and value.__module__.startswith("lmcache"):
                description = {"members": {"()": member(value)}, "abstract": []}
            else:
                continue
            names[f"{module_name}.{name}"] = {**description, "defined_in": value.__module__}
    return {"version": lmcache.__version__, "names": names, "observed": observed()}


def of_another_process(**environment):
    run = subprocess.run(
        [sys.executable, __file__, "--describe"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def own(description):
    """Names where they are defined, without those where they are imported."""
    names = description["names"].items()
    return {name: what for name, what in names if name.rpartition(".")[0] == what["defined_in"]}


def differences(fake, real):
    for name, ours in own(fake).items():
        theirs = real["names"].get(name)
        if theirs is None:
            yield f"{name} is not in LMCache"
            continue
        for trait in ("abstract", "frozen"):
            if name not in WHOLE and ours.get(trait) != theirs.get(trait):
                yield f"{name}: {trait}: here {ours.get(trait)}, in LMCache {theirs.get(trait)}"
        fields = theirs.get("fields", [])
        if ours.get("fields", []) != fields[: len(ours.get("fields", []))]:
            yield f"{name}: fields: here {ours.get('fields')}, in LMCache {fields}"
        for member_name, description in ours["members"].items():
            if name in WHOLE and member_name == "__init__":
                continue
            found = theirs["members"].get(member_name)
            if found is None:
                yield f"{name}.{member_name} is not in LMCache"
            # Methods in C++ have no parameters that could be compared.
            elif found != description and found != ["method"]:
                yield f"{name}.{member_name}: here {description}, in LMCache {found}"
    for case, ours in fake["observed"].items():
        if ours != real["observed"][case]:
            yield f"{case}: here {ours}, in LMCache {real['observed'][case]}"


def main():
    if sys.argv[1:] == ["--describe"]:
        print(json.dumps(describe()))
        return
    real = of_another_process()
    version = real["version"]
    fake = of_another_process(PYTHONPATH=str(FAKE), FAKE_LMCACHE_VERSION=version)
    found = list(differences(fake, real))
    print("\n".join(found) or f"the stand-in agrees with LMCache {version} in {len(own(fake))} classes and functions")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
