"""Memory objects, with the part that an adapter uses."""

import ctypes


class MemoryObj:
    """Bytes at an address, accessed through `ctypes` as in LMCache."""

    def __init__(self, content: bytes, shapes=None, dtypes=None) -> None:
        self.memory = (ctypes.c_ubyte * len(content)).from_buffer_copy(content)
        self.shapes, self.dtypes = shapes, dtypes

    def get_shapes(self):
        assert self.shapes is not None
        return self.shapes

    def get_dtypes(self):
        assert self.dtypes is not None
        return self.dtypes

    def get_size(self) -> int:
        return len(self.memory)

    @property
    def byte_array(self) -> memoryview:
        return memoryview(self.memory)

    @property
    def data_ptr(self) -> int:
        return ctypes.addressof(self.memory)
