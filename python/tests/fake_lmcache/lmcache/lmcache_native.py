"""The part of LMCache that is written in C++."""

from collections.abc import Sequence
from typing import Any


class Bitmap:
    """A bit for each key of a task."""

    def __init__(self, size: int) -> None:
        self._bits = [False] * size

    def set(self, index: int) -> None:
        self._bits[index] = True

    def batched_set(self, indices: Sequence[int]) -> None:
        for index in indices:
            if index < len(self._bits):
                self._bits[index] = True

    def test(self, index: int) -> bool:
        return self._bits[index]

    def size(self) -> int:
        return len(self._bits)

    def popcount(self) -> int:
        return sum(self._bits)

    def get_indices_list(self) -> list[int]:
        return [index for index, bit in enumerate(self._bits) if bit]

    def gather(self, items: Sequence[Any]) -> list[Any]:
        return [items[index] for index in self.get_indices_list()]
