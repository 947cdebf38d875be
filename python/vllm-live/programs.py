"""Programs on the loopback interface: starts them with a log, waits until they serve, and ends them with all of their children.

It does not know what they do.
"""

import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from servers import HANGS_AFTER_SECONDS, wait_until

# The kernel ends a program if the check that started it has died.
TIED = ("setpriv", "--pdeathsig", "TERM")
CHILDREN_END_WITHIN_SECONDS = 30


class Program:
    """A program that serves HTTP on a port."""

    def __init__(self, folder, name, command, port, environment=None, health="/health"):
        self.name, self.port, self.health = name, port, health
        self.command = [*TIED, *map(str, command)]
        self.environment = {**os.environ, **(environment or {})}
        self.log = Path(folder) / f"{name}.log"
        self.process = None

    def launch(self):
        """Starts the program without waiting."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                # A separate process group, which can be ended as a whole.
                start_new_session=True,
            )

    def wait(self, seconds):
        """Waits until the program serves."""
        wait_until(f"{self.name} serves: see {self.log}", self._serves, seconds)

    def _serves(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with code {self.process.returncode}: {self.output()[-4000:]}")
        try:
            with urllib.request.urlopen(self.url(self.health), timeout=10) as response:
                return response.status == 200
        except urllib.error.HTTPError as error:
            # A front may not have this page.
            return error.code in (404, 405)
        except (urllib.error.URLError, OSError):
            return False

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def output(self):
        """The output, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(errors="replace"))

    def end(self):
        """Ends the program and its children, by SIGKILL if SIGTERM is not enough."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(HANGS_AFTER_SECONDS)
                # An engine's children remove their files in /dev/shm.
                wait_until("the children have ended", self._has_no_children, CHILDREN_END_WITHIN_SECONDS)
            except (subprocess.TimeoutExpired, TimeoutError):
                pass
        self.kill()

    def _has_no_children(self):
        """Whether the process group is empty, after the program itself has ended."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self):
        """Kills the program and its children."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(HANGS_AFTER_SECONDS)
