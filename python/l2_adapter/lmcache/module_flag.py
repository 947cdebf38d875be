"""How a server's command line loads the module `l2_adapter.lmcache.requests`, and whether this one does."""

from __future__ import annotations

import json
import shlex
import sys

NAME = "l2_adapter.lmcache.requests"
ARGUMENTS = ["--server-module", json.dumps({"module_path": NAME})]
TEXT = shlex.join(ARGUMENTS)


def is_given(arguments: list[str]) -> bool:
    """Whether a command line names the module."""
    return any(NAME in argument for argument in arguments)


def is_loaded() -> bool:
    """Whether this process has the module, or will have it: a server creates its adapters before its modules."""
    return NAME in sys.modules or is_given(sys.argv)
