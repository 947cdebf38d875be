"""Memory objects with contents: of the stand-in, or LMCache's own where that is installed."""

from lmcache.v1 import memory_management


def memory_object(content):
    """A memory object with these bytes."""
    if not hasattr(memory_management, "TensorMemoryObj"):
        return memory_management.MemoryObj(content)
    import torch

    metadata = memory_management.MemoryObjMetadata(
        shape=torch.Size([len(content)]),
        dtype=torch.uint8,
        address=0,
        phy_size=len(content),
        fmt=memory_management.MemoryFormat.KV_2LTD,
        ref_count=1,
    )
    tensor = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    return memory_management.TensorMemoryObj(tensor, metadata, None)
