"""A stand-in for LMCache: what our plug-in imports of it, and what its tests drive the plug-in with, no more.

Names, signatures and the behaviour that matters to us are those of one LMCache version, which the environment variable
`FAKE_LMCACHE_VERSION` names; the last of `VERSIONS` by default. `../fake_matches_lmcache.py` compares the stand-in with the
LMCache that is installed.
"""

import os

VERSIONS = ("0.5.6", "0.5.7rc2")

__version__ = os.environ.get("FAKE_LMCACHE_VERSION", VERSIONS[-1])
if __version__ not in VERSIONS:
    raise ImportError(f"the stand-in for LMCache knows the versions {', '.join(VERSIONS)}: got {__version__!r}")

HAS_MEMORY_TAGS = __version__ != "0.5.6"
