"""The base class of a server's modules."""

import abc

import lmcache

if lmcache.HAS_MEMORY_TAGS:

    class DiscoverableModule(abc.ABC):
        module_name = ""
        module_dependencies = ()
        deferred = False

        @classmethod
        @abc.abstractmethod
        def create(cls, build_ctx): ...
