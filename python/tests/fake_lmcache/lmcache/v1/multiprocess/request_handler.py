"""The methods of a server's modules that handle requests."""

import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BoundRequestHandler:
    operation: str
    handler: Any
    options: Any


def iter_request_handlers(module):
    found = inspect.getmembers(type(module), callable)
    # LMCache also compares signatures and annotations with those of its protocol.
    handlers = [(name, getattr(source, "__lmcache_request_handler_options__", None)) for name, source in found]
    return tuple(
        BoundRequestHandler(options.operation or name, getattr(module, name), options) for name, options in handlers if options
    )
