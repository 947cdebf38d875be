"""The nested JSON of `--l2-adapter` and of vLLM's `--kv-transfer-config`, from plain flags.

Every key of a `pd` spec is a flag, taken from the type's JSON Schema.
"""

from __future__ import annotations

import argparse
import json
import shlex
from typing import Any

import l2_adapter
from l2_adapter import _native

# The spec's own `type`, and what LMCache reads next to `adapter_params`. Command lines can be read by every user of a machine:
# a secret comes from the environment, which a server inherits.
NOT_FLAGS = ("type", "affinity_tag", "persist_enabled", "serde", "shared", "shared_secret")
KV_ROLES = {"sender": "kv_producer", "receiver": "kv_consumer"}


def add_spec_arguments(parser: argparse.ArgumentParser) -> None:
    """A flag for each key of a spec."""
    schema = l2_adapter.json_schema("pd")
    group = parser.add_argument_group("the adapter's spec", "`l2_adapter.explain('pd')` describes every key")
    for key, described in schema["properties"].items():
        if key not in NOT_FLAGS:
            required = key in schema.get("required", [])
            flag, help_text = f"--{key.replace('_', '-')}", described["description"].replace("%", "%%")
            value = {"metavar": key.upper(), **value_of(described)}
            group.add_argument(flag, dest=f"spec.{key}", required=required, help=help_text, **value)
    parser.add_argument(
        "--type",
        choices=("plugin", "pd"),
        default="plugin",
        help="the form of the spec; `pd` needs `python -m l2_adapter.lmcache install` or `... server`",
    )


def value_of(described: dict[str, Any]) -> dict[str, Any]:
    """How a flag's value is read: words for text, JSON for everything else. The spec's own parser checks it."""
    kinds = described.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "array" in kinds:
        items = described.get("items", {}).get("type")
        return {"nargs": "+", "type": int if items == "integer" else str}
    if "string" in kinds or "enum" in described:
        return {"type": str}
    return {"type": json.loads, "metavar": "JSON"}


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of the LMCache server that the engine starts."""
    group = parser.add_argument_group("the LMCache server that the engine starts on the loopback interface")
    group.add_argument("--port", type=int, default=5555, help="where the engine reaches it; default %(default)s")
    group.add_argument("--http-port", type=int, default=8080, help="its status and metrics; default %(default)s")
    group.add_argument("--l1-size-gb", type=float, required=True, help="the size of L1")
    group.add_argument("--chunk-size", type=int, default=256, help="tokens; alike on both nodes; default %(default)s")
    shm_help = "for engines without a GPU: the name of L1 in shared memory, another for each server"
    group.add_argument("--shm-name", help=shm_help)
    further_help = "a further argument of the server; repeatable: --server-arg=--flag"
    group.add_argument("--server-arg", action="append", default=[], metavar="ARG", help=further_help)


def spec_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The spec that the flags describe. Raises ValueError with all of its faults."""
    given = {key.removeprefix("spec."): value for key, value in vars(arguments).items() if key.startswith("spec.")}
    params = {key: value for key, value in given.items() if value is not None}
    _native.PdConfig.parse(json.dumps(params))
    if arguments.type == "pd":
        return {"type": "pd", **params}
    return {
        "type": "plugin",
        "module_path": "l2_adapter.lmcache",
        "class_name": "PdL2Adapter",
        "adapter_params": params,
    }


def l2_adapter_value(arguments: argparse.Namespace) -> str:
    """The value of `--l2-adapter`."""
    return json.dumps(spec_of(arguments))


def server_arguments(arguments: argparse.Namespace) -> list[str]:
    """The arguments of the server. LMCache adds its host and port itself."""
    # An eager L1 is registered with NIXL whole, so that chunks are sent from where they lie.
    flags = ["--http-port", str(arguments.http_port), "--l1-size-gb", f"{arguments.l1_size_gb:g}", "--no-l1-use-lazy"]
    flags += ["--chunk-size", str(arguments.chunk_size), "--eviction-policy", "LRU"]
    if vars(arguments)["spec.role"] == "sender":
        # Chunks that the decode node lost are pushed again only by a server that does not keep them itself.
        flags += ["--l2-store-policy", "skip_l1"]
    if arguments.shm_name:
        flags += ["--supported-transfer-mode", "auto", "--shm-name", arguments.shm_name]
    return [*flags, *arguments.server_arg, "--l2-adapter", json.dumps(spec_of(arguments))]


def kv_transfer_config(arguments: argparse.Namespace) -> str:
    """The value of `--kv-transfer-config` for an engine that starts its LMCache server itself."""
    return json.dumps(
        {
            "kv_connector": "LMCacheMPConnector",
            "kv_role": KV_ROLES[vars(arguments)["spec.role"]],
            "kv_connector_extra_config": {
                "lmcache.mp.host": "tcp://127.0.0.1",
                "lmcache.mp.port": arguments.port,
                "lmcache.mp.autostart": True,
                "lmcache.mp.autostart.server_args": shlex.join(server_arguments(arguments)),
            },
        }
    )
