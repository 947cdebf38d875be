"""Memory objects with contents: the stand-in's or LMCache's own."""

from typing import NamedTuple

from lmcache.v1 import memory_management
from lmcache.v1.distributed.api import MemoryLayoutDesc

IS_STAND_IN = not hasattr(memory_management, "TensorMemoryObj")


class Dtype(NamedTuple):
    """The part of a PyTorch dtype that the plug-in uses."""

    name: str
    itemsize: int

    def __str__(self):
        return f"torch.{self.name}"


def layout(dtype, size):
    """The layout of a chunk of this size: keys and values of two-byte elements, or a flat row of bytes."""
    shape = [size] if dtype == "uint8" else [2, size // 4]
    if IS_STAND_IN:
        return MemoryLayoutDesc([tuple(shape)], [Dtype(dtype, 1 if dtype == "uint8" else 2)])
    import torch

    return MemoryLayoutDesc([torch.Size(shape)], [getattr(torch, dtype)])


def memory_object(content, dtype=None):
    """A memory object with these bytes. Without a dtype it has no layout."""
    known = layout(dtype, len(content)) if dtype else None
    shapes, dtypes = (known.shapes, known.dtypes) if known else (None, None)
    if IS_STAND_IN:
        return memory_management.MemoryObj(content, shapes, dtypes)
    import torch

    metadata = memory_management.MemoryObjMetadata(
        shape=torch.Size([len(content)]),
        dtype=torch.uint8,
        address=0,
        phy_size=len(content),
        fmt=memory_management.MemoryFormat.KV_2LTD,
        ref_count=1,
        shapes=shapes,
        dtypes=dtypes,
    )
    tensor = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    return memory_management.TensorMemoryObj(tensor, metadata, None)
