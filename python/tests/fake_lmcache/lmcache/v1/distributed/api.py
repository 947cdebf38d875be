"""The name of a chunk."""

from dataclasses import dataclass


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
