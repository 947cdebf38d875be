"""Chunk keys, layouts and memory tags."""

import enum
from dataclasses import dataclass

import lmcache


@dataclass(frozen=True)
class ObjectKey:
    chunk_hash: bytes
    model_name: str
    kv_rank: int
    object_group_id: int = 0
    cache_salt: str = ""

    @staticmethod
    def ComputeKVRank(world_size: int, global_rank: int, local_world_size: int, local_rank: int) -> int:
        return world_size << 24 | global_rank << 16 | local_world_size << 8 | local_rank


def ipc_key_to_object_keys(ipc_key, chunk_hashes, object_group_ids):
    size = ipc_key.world_size
    ranks = range(size) if ipc_key.worker_id is None else [ipc_key.worker_id]
    kv_ranks = [ObjectKey.ComputeKVRank(size, rank, size, rank) for rank in ranks]
    return [
        [ObjectKey(each, ipc_key.model_name, kv_rank, group, ipc_key.cache_salt) for each in chunk_hashes for kv_rank in kv_ranks]
        for group in object_group_ids
    ]


@dataclass(frozen=True)
class MemoryLayoutDesc:
    shapes: list
    dtypes: list


if lmcache.HAS_MEMORY_TAGS:

    class MemorySegment(str, enum.Enum):
        DRAM = "dram"

    class MemoryResidency(str, enum.Enum):
        LOCAL = "local"
        REMOTE = "remote"

    @dataclass(frozen=True)
    class MemoryTags:
        segment: MemorySegment
        residency: MemoryResidency
