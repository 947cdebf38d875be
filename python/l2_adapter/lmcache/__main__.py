"""`python -m l2_adapter.lmcache`: LMCache's server with the type `pd`, and JSON for command lines."""

from __future__ import annotations

import argparse
import sys

from l2_adapter.lmcache import command_lines, installation, module_flag


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m l2_adapter.lmcache", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    server = "run `lmcache server` with the same arguments, the type `pd` and the module that follows requests; writes no file"
    commands.add_parser("server", help=server)
    commands.add_parser("install", help="add the type `pd` to the installed LMCache: one file")
    commands.add_parser("uninstall", help="remove that file")
    spec = commands.add_parser("l2-adapter", help="print the value of a server's `--l2-adapter`")
    transfer = commands.add_parser("kv-transfer-config", help="print the value of an engine's `--kv-transfer-config`")
    command_lines.add_spec_arguments(spec, "`python -m l2_adapter.lmcache install` or `... server`")
    command_lines.add_spec_arguments(transfer, "`python -m l2_adapter.lmcache install`")
    command_lines.add_server_arguments(transfer)

    # The server's arguments belong to LMCache; this parser does not know them.
    if sys.argv[1:2] == ["server"]:
        return serve(sys.argv[2:])
    arguments = parser.parse_args()
    try:
        print(run(arguments))
    except (OSError, ValueError, installation.NotOurs) as error:
        sys.exit(f"{parser.prog} {arguments.command}: {error}")


def run(arguments: argparse.Namespace) -> str:
    """Runs a command and returns its output."""
    match arguments.command:
        case "install":
            return installation.install()
        case "uninstall":
            return installation.uninstall()
        case "l2-adapter":
            return command_lines.l2_adapter_value(arguments)
        case _:
            return command_lines.kv_transfer_config(arguments)


def serve(arguments: list[str]) -> None:
    """Runs LMCache's server in this process, with the type `pd` and the module that follows requests."""
    from lmcache.cli.main import main as lmcache
    from lmcache.v1.distributed.l2_adapters.factory import add_pending_module

    try:
        # An installed module has already registered the type.
        if not installation.is_installed():
            add_pending_module(f"l2_adapter.lmcache.{installation.NAME}")
    except (OSError, installation.NotOurs) as error:
        sys.exit(str(error))
    if not module_flag.is_given(arguments):
        arguments = [*module_flag.ARGUMENTS, *arguments]
    # The adapters look for the module here.
    sys.argv = [sys.argv[0], "server", *arguments]
    lmcache(sys.argv[1:])


if __name__ == "__main__":
    main()
