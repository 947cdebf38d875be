"""Types of the calls between a server and its adapters."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lmcache.v1.distributed.api import ObjectKey


@dataclass(frozen=True)
class L1MemoryDesc:
    ptr: int
    size: int
    align_bytes: int
    stable_registration_size: int | None = None


class L2AdapterListener(ABC):
    @abstractmethod
    def on_l2_keys_stored(self, keys: list[ObjectKey], sizes: list[int]): ...

    @abstractmethod
    def on_l2_keys_accessed(self, keys: list[ObjectKey]): ...

    @abstractmethod
    def on_l2_keys_deleted(self, keys: list[ObjectKey]): ...


class L2StoreResult(int):
    """The bytes of a store; -1 if it failed."""

    def __new__(cls, success: bool, bytes_transferred: int) -> "L2StoreResult":
        return super().__new__(cls, bytes_transferred if success else -1)

    def is_successful(self) -> bool:
        return int(self) >= 0

    def bytes_transferred(self) -> int:
        return max(int(self), 0)
