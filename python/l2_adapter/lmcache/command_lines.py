"""The nested JSON of `--l2-adapter` and of vLLM's `--kv-transfer-config`, from plain flags.

Every key of a `pd` spec is a flag, taken from the type's JSON Schema.
"""

from __future__ import annotations

import argparse
import json
import math
import shlex
import sys
from typing import Any

import l2_adapter
from l2_adapter import _native
from l2_adapter.lmcache import module_flag

# The spec's own `type`, and what LMCache reads next to `adapter_params`. Command lines can be read by every user of a machine:
# a secret comes from the environment, which a server inherits.
NOT_FLAGS = ("type", "affinity_tag", "persist_enabled", "serde", "shared", "shared_secret")
KV_ROLES = {"sender": "kv_producer", "receiver": "kv_consumer"}


# What LMCache or these commands set of the server themselves.
SET_ALREADY = ("--host", "--port", "--http-host", "--http-port", "--l2-adapter")


class Once(argparse.Action):
    """A flag that is given once: a second one would silently replace the first."""

    def __call__(self, parser, namespace, values, option_string=None):
        given = vars(namespace).setdefault("given", set())
        if self.dest in given:
            parser.error(f"argument {option_string}: given twice; a list is one flag with several values")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


def add_spec_arguments(parser: argparse.ArgumentParser, needs: str) -> None:
    """A flag for each key of a spec. LMCache must know the type `pd`, in one of these ways."""
    schema = l2_adapter.json_schema("pd")
    summary = "`l2-adapter explain pd` describes every key, `l2-adapter explain pd KEY` one"
    group = parser.add_argument_group("the adapter's spec", summary)
    for key, described in schema["properties"].items():
        if key not in NOT_FLAGS:
            required = key in schema.get("required", [])
            flag, help_text = f"--{key.replace('_', '-')}", described["description"].replace("%", "%%")
            value = {"metavar": key.upper(), **value_of(described)}
            group.add_argument(flag, dest=f"spec.{key}", required=required, help=help_text, action=Once, **value)
    parser.add_argument(
        "--type",
        choices=("plugin", "pd"),
        default="plugin",
        help=f"the form of the spec; `pd` needs {needs}",
    )


def value_of(described: dict[str, Any]) -> dict[str, Any]:
    """How a flag's value is parsed: words for text, JSON for everything else. The spec's own parser validates it."""
    kinds = described.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "array" in kinds:
        items = described.get("items", {}).get("type")
        return {"nargs": "+", "type": int if items == "integer" else str}
    if "string" in kinds or "enum" in described:
        return {"type": str}
    return {"type": json_value, "metavar": "JSON"}


def json_value(text: str) -> Any:
    """A flag's value, parsed as JSON."""
    try:
        return json.loads(text, parse_constant=_not_json)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"write it as JSON, such as 5, true or '{{\"key\": 1}}': {error}") from error


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def port(text: str) -> int:
    """A port that can be listened on."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be between 1 and 65535, got {text!r}")
    return int(text)


def above_zero(text: str) -> int:
    """A number of tokens."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be an integer above 0, got {text!r}")
    return int(text)


def size_in_gb(text: str) -> str:
    """A size, kept as text."""
    try:
        is_size = math.isfinite(float(text)) and float(text) > 0
    except ValueError:
        is_size = False
    if not is_size:
        raise argparse.ArgumentTypeError(f"must be a number of GB above 0, got {text!r}")
    return text


def server_argument(text: str) -> str:
    """An argument of the server that this command does not set itself."""
    if not text or text.partition("=")[0] in SET_ALREADY:
        raise argparse.ArgumentTypeError(f"must not be empty nor one of {', '.join(SET_ALREADY)}, already set, got {text!r}")
    return text


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of the LMCache server that the engine starts."""
    group = parser.add_argument_group("the LMCache server that the engine starts on the loopback interface")
    group.add_argument("--port", type=port, default=5555, help="the engine connects to this port; default %(default)s")
    group.add_argument("--http-port", type=port, default=8080, help="its status and metrics; default %(default)s")
    group.add_argument("--l1-size-gb", type=size_in_gb, required=True, help="the size of L1")
    group.add_argument("--chunk-size", type=above_zero, default=256, help="tokens; the same on both nodes; default %(default)s")
    shm_help = "for engines without a GPU: the name of L1 in shared memory, which must differ for each server"
    group.add_argument("--shm-name", help=shm_help)
    further_help = "a further argument of the server; repeatable: --server-arg=--flag"
    group.add_argument(
        "--server-arg", type=server_argument, action="append", default=[], metavar="ARG", help=further_help
    )


def spec_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The spec that the flags describe. Raises ValueError with all of its faults."""
    given = {key.removeprefix("spec."): value for key, value in vars(arguments).items() if key.startswith("spec.")}
    params = {key: value for key, value in given.items() if value is not None}
    for warning in _native.PdConfig.parse(json.dumps(params)).warnings():
        print(f"warning: {warning}", file=sys.stderr)
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
    # All of an eager L1 is registered with NIXL, so that chunks are sent without a copy.
    flags = ["--http-port", str(arguments.http_port), "--l1-size-gb", arguments.l1_size_gb, "--no-l1-use-lazy"]
    flags += ["--chunk-size", str(arguments.chunk_size), "--eviction-policy", "LRU"]
    if vars(arguments)["spec.role"] == "sender":
        # A server pushes chunks that the decode node lost only if it does not keep them itself.
        flags += ["--l2-store-policy", "skip_l1"]
        if not module_flag.is_given(arguments.server_arg):
            flags += module_flag.ARGUMENTS
    if arguments.shm_name:
        flags += ["--supported-transfer-mode", "auto", "--shm-name", arguments.shm_name]
    return [*flags, *arguments.server_arg, "--l2-adapter", json.dumps(spec_of(arguments))]


def kv_transfer_config(arguments: argparse.Namespace) -> str:
    """The value of `--kv-transfer-config` for an engine that starts its LMCache server itself."""
    # First, because it refuses a spec with faults.
    server = shlex.join(server_arguments(arguments))
    return json.dumps(
        {
            "kv_connector": "LMCacheMPConnector",
            "kv_role": KV_ROLES[vars(arguments)["spec.role"]],
            "kv_connector_extra_config": {
                "lmcache.mp.host": "tcp://127.0.0.1",
                "lmcache.mp.port": arguments.port,
                "lmcache.mp.autostart": True,
                "lmcache.mp.autostart.server_args": server,
            },
        }
    )
