"""The PD adapter's config in the form of LMCache's own configs. The native part has all rules."""

from __future__ import annotations

import json
from typing import Any

from lmcache.logging import init_logger
from lmcache.v1.distributed.l2_adapters.config import L2AdapterConfigBase

from l2_adapter import _native
from l2_adapter.lmcache.versions import ImplementsEveryMethod

logger = init_logger(__name__)

# What LMCache's `plugin` type reads of its own spec only, and the adapter does not look at.
BESIDE_ADAPTER_PARAMS = ("affinity_tag", "persist_enabled", "serde", "shared")


class PdL2AdapterConfig(ImplementsEveryMethod, L2AdapterConfigBase):
    """A `pd` spec; `help()` documents every key.

    The adapter's own settings cannot be changed afterwards. LMCache assigns to the attributes that all its
    configs share: `shared`, `eviction_config`, `persist_config`, `serde_config` and, in 0.5.6, `affinity_tag`.
    """

    # Whether LMCache reads `serde` and similar keys of this spec. It does not read them in `adapter_params`.
    READS_SHARED_KEYS = False

    def __init__(self, native: _native.PdConfig) -> None:
        """Wraps a config that has been parsed: use `from_dict`."""
        for warning in native.warnings():
            logger.warning("pd: %s", warning)
        settings = json.loads(native.to_json())
        self._native = native
        self._settings: dict[str, Any] = settings
        # Written only if it is not the default: LMCache 0.5.7 has no such key.
        self.affinity_tag = settings.get("affinity_tag", "_default")
        self.shared = settings["shared"]
        self.eviction_config = self._parse_eviction_config(settings)
        self.persist_config = self._parse_persist_config(settings)
        self.serde_config = self._parse_serde_config(settings)

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> PdL2AdapterConfig:
        """Parses a spec. Raises `SpecError`, a ValueError with every fault."""
        config = cls(_native.PdConfig.parse(json.dumps(d)))
        if not cls.READS_SHARED_KEYS:
            cls._warn_of_shared_keys(d)
        return config

    @classmethod
    def _warn_of_shared_keys(cls, d: dict[str, Any]) -> None:
        defaults = cls.json_schema()["properties"]
        for key in BESIDE_ADAPTER_PARAMS:
            if d.get(key, defaults[key].get("default")) != defaults[key].get("default"):
                logger.warning("pd: `%s` has no effect inside `adapter_params`: %s", key, _remedy(key))

    @classmethod
    def help(cls) -> str:
        """Every key, whether it is required, its default, its rules, and an example."""
        return _native.PdConfig.help()

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema (2020-12) of a spec."""
        return json.loads(_native.PdConfig.json_schema())

    def to_dict(self) -> dict[str, Any]:
        """The spec with its defaults filled in and its secrets redacted."""
        return json.loads(self._native.to_json())

    @property
    def native(self) -> _native.PdConfig:
        """The config of the native part."""
        return self._native

    @property
    def role(self) -> str:
        """`"sender"` or `"receiver"`."""
        return self._settings["role"]

    @property
    def peer_host(self) -> str:
        """The receiver's host name or IP address."""
        return self._settings["peer_host"]

    @property
    def peer_init_port(self) -> list[int]:
        """The receiver's handshake ports, one for each TP rank."""
        return self._settings["peer_init_port"]

    @property
    def peer_alloc_port(self) -> list[int]:
        """The receiver's allocation ports, one for each TP rank."""
        return self._settings["peer_alloc_port"]

    @property
    def proxy_host(self) -> str:
        """The host of the proxy that is notified of requests; empty for none."""
        return self._settings["proxy_host"]

    @property
    def proxy_port(self) -> int:
        """The proxy's port; 0 for none."""
        return self._settings["proxy_port"]

    @property
    def receiver_name(self) -> str | None:
        """The name by which requests address a sender's receiver."""
        return self._settings.get("receiver_name")

    @property
    def buffer_size(self) -> int:
        """Bytes of staging memory for each TP rank."""
        return self._settings["buffer_size"]

    @property
    def buffer_device(self) -> str:
        """Where the staging memory is: `"cpu"` or `"cuda"`."""
        return self._settings["buffer_device"]

    @property
    def transfer_channel(self) -> str:
        """The transfer channel: `"nixl"` or `"mock_memory"`."""
        return self._settings["transfer_channel"]

    @property
    def nixl_backends(self) -> list[str]:
        """NIXL's backends."""
        return self._settings["nixl_backends"]

    @property
    def proxy_protocol(self) -> str:
        """How the proxy is notified: `"zmq"` or `"http"`."""
        return self._settings["proxy_protocol"]

    @property
    def listen_host(self) -> str | None:
        """The address that a receiver listens on, if it differs from `peer_host`."""
        return self._settings.get("listen_host")

    @property
    def node_name(self) -> str | None:
        """A sender's name among all senders of a receiver."""
        return self._settings.get("node_name")

    @property
    def shared_secret(self) -> str | None:
        """None without a secret, otherwise a placeholder."""
        return self._settings.get("shared_secret")

    @property
    def checksum(self) -> bool:
        """Whether chunks are hashed."""
        return self._settings["checksum"]

    @property
    def timing(self) -> dict[str, Any] | None:
        """Deadlines, leases and times to live; None where all have their defaults."""
        return self._settings.get("timing")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings!r})"


def _remedy(key: str) -> str:
    # LMCache 0.5.7 removed it, and refuses specs that have it next to `adapter_params`.
    if key == "affinity_tag" and not hasattr(L2AdapterConfigBase, key):
        return "remove it: LMCache 0.5.7 and later choose L1 by memory tags"
    return "put it next to them"
