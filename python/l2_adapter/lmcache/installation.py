"""The type `pd` in an installed LMCache: a module of ours among LMCache's own adapters.

LMCache imports every module of that package whose name ends in `_l2_adapter`, so the file registers the type in every
process of this Python: `lmcache server`, and servers that engines start.
"""

from __future__ import annotations

from pathlib import Path

from lmcache.v1.distributed import l2_adapters

NAME = "pd_l2_adapter"

# The first line distinguishes our file from one of LMCache or of another package.
MARK = "# Installed by l2-adapter. Remove it with: python -m l2_adapter.lmcache uninstall\n"
TEXT = (
    MARK
    + f'''"""The adapter type `pd` of the package l2-adapter."""
from l2_adapter.lmcache.{NAME} import PdL2Adapter, PdL2AdapterConfig

__all__ = ["PdL2Adapter", "PdL2AdapterConfig"]
'''
)


class NotOurs(Exception):
    """LMCache has a module of this name that this package did not install."""


def path() -> Path:
    """The path of the module, which may not exist yet."""
    [folder] = l2_adapters.__path__
    return Path(folder) / f"{NAME}.py"


def is_installed() -> bool:
    """Whether our module is installed. Raises NotOurs if there is another one."""
    file = path()
    if not file.exists() and not file.is_symlink():
        return False
    # A symbolic link is not ours either.
    if file.is_symlink() or not file.is_file() or not file.read_bytes().startswith(MARK.encode()):
        raise NotOurs(
            f"{file} was not installed by l2-adapter: this LMCache has its own type `pd`, or another package added one. It is "
            'left unchanged. Use this package as `{"type": "plugin", ...}`: docs/lmcache.md'
        )
    return True


def install() -> str:
    """Writes the module. Returns a report for the user."""
    was_there = is_installed()
    path().write_text(TEXT)
    return f"{path()} {'was replaced' if was_there else 'was written'}: LMCache's servers accept the type `pd`"


def uninstall() -> str:
    """Removes the module. Returns a report for the user."""
    if not is_installed():
        return f"{path()} does not exist: nothing to remove"
    path().unlink()
    return f"{path()} was removed: LMCache's servers accept this adapter as `plugin` only"
