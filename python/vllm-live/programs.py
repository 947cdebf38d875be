"""Programs on the loopback interface: started with a log, waited for until they serve, ended with all of their children.

It must not know what they do.
"""

import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from servers import HANGS_AFTER_SECONDS, wait_until

# The kernel ends a program when the check that started it has died without ending it.
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
        """Starts it without waiting."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                # A group of its own, which is ended whole.
                start_new_session=True,
            )

    def wait(self, seconds):
        """Returns when it serves."""
        wait_until(f"{self.name} serves: see {self.log}", self._serves, seconds)

    def _serves(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with code {self.process.returncode}: {self.words()[-4000:]}")
        try:
            with urllib.request.urlopen(self.url(self.health), timeout=10) as response:
                return response.status == 200
        except urllib.error.HTTPError as error:
            # A front without such a page serves all the same.
            return error.code in (404, 405)
        except (urllib.error.URLError, OSError):
            return False

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def words(self):
        """What it has printed, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(errors="replace"))

    def end(self):
        """Ends it and its children, in the end by SIGKILL."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(HANGS_AFTER_SECONDS)
                # An engine's children remove what they share in /dev/shm.
                wait_until("the children have ended", self._has_no_children, CHILDREN_END_WITHIN_SECONDS)
            except (subprocess.TimeoutExpired, TimeoutError):
                pass
        self.kill()

    def _has_no_children(self):
        """Whether its group is empty, once it has ended itself."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self):
        """Ends it and its children at once."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(HANGS_AFTER_SECONDS)
