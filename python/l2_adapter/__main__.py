"""`l2-adapter`, which is also `python -m l2_adapter`: the command line of the native part."""

import signal
import sys

from l2_adapter import _native


def main() -> None:
    # Python's own handler would run only after the native part returns, which may wait for input.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # For the second process of `demo` and `bench`. It does not import from the working directory.
    launcher = [sys.executable, "-P", "-m", "l2_adapter"]
    package_folders = [folder for folder in sys.path if folder]
    sys.exit(_native.run_command(launcher, package_folders, ["l2-adapter", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
