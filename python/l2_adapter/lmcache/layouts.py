"""Layouts of chunks: LMCache's shapes and dtypes, as the native part compares them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from l2_adapter import _native

if TYPE_CHECKING:
    import torch
    from lmcache.v1.distributed.api import MemoryLayoutDesc
    from lmcache.v1.memory_management import MemoryObj


def of_object(memory_object: MemoryObj) -> _native.Layout | None:
    """The layout of a memory object to store; None if LMCache does not know it."""
    try:
        shapes, dtypes = memory_object.get_shapes(), memory_object.get_dtypes()
    except (AssertionError, AttributeError, NotImplementedError, ValueError):
        # LMCache raises these for objects without shapes.
        return None
    return _layout(tuple(shapes), tuple(dtypes))


def of_groups(descriptions: dict[int, MemoryLayoutDesc] | None) -> list[tuple[int, _native.Layout]]:
    """The layouts that a lookup expects, with their object groups. Groups of unknown layout are omitted."""
    known = (
        (group, _layout(tuple(description.shapes), tuple(description.dtypes)))
        for group, description in (descriptions or {}).items()
    )
    return [(group, layout) for group, layout in known if layout is not None]


# A server has a few layouts and millions of chunks.
@lru_cache(maxsize=1024)
def _layout(shapes: tuple[torch.Size, ...], dtypes: tuple[torch.dtype | None, ...]) -> _native.Layout | None:
    if len(shapes) != len(dtypes) or None in dtypes:
        return None
    return _native.layout(
        [
            (str(dtype).removeprefix("torch."), dtype.itemsize, list(shape))
            for shape, dtype in zip(shapes, dtypes, strict=True)
        ]
    )
