"""A stand-in for LMCache. It has only what our plug-in imports and what the tests need.

Names, signatures and the behaviour that matters to us are those of one LMCache version. The environment variable
`FAKE_LMCACHE_VERSION` names it, and defaults to the last of `VERSIONS`. `../../fake_matches_lmcache.py` compares the stand-in with
the installed LMCache.
"""

import os

VERSIONS = ("0.5.6", "0.5.7rc2")

__version__ = os.environ.get("FAKE_LMCACHE_VERSION", VERSIONS[-1])
if __version__ not in VERSIONS:
    raise ImportError(f"the stand-in for LMCache has the versions {', '.join(VERSIONS)}: got {__version__!r}")

HAS_MEMORY_TAGS = __version__ != "0.5.6"
