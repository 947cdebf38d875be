"""Models, reference tokens and the running deployment: created when a check needs them, and kept for the next check."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from deployment import deployed
from references import References

MODEL_IS_WRITTEN_WITHIN_SECONDS = 300


class Lab:
    """What checks share. The folder `kept` is used again by the next run."""

    def __init__(self, folder, kept):
        self.folder, self.kept = Path(folder), Path(kept)
        self._references, self._running, self._stack, self._starts = {}, None, ExitStack(), 0

    def references(self, size, numbers):
        """Prompts and tokens of a model, at least those of these numbers."""
        if size not in self._references:
            self._references[size] = References(self._model(size), size)
        references = self._references[size]
        if any(str(number) not in references.kept for number in numbers):
            # Frees memory: not every machine has enough for three engines.
            self.end()
        references.need(numbers, self.folder)
        return references

    def _model(self, size):
        folder = self.kept / f"model-{size}"
        if not (folder / "whole.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            program = [sys.executable, Path(__file__).with_name("model.py"), size, folder]
            subprocess.run(program, check=True, timeout=MODEL_IS_WRITTEN_WITHIN_SECONDS, stdout=subprocess.DEVNULL)
        return folder

    def model(self, size):
        return self.references(size, []).model

    def deployment(self, size, channel="nixl", **settings):
        """The running deployment, in the state in which the last check left it, or a new one if that was different."""
        wanted = (size, channel, settings)
        if self._running is None or self._running[0] != wanted:
            self.end()
            self._starts += 1
            folder = self.folder / f"{self._starts}-{size}-{channel}"
            folder.mkdir()
            made = self._stack.enter_context(deployed(folder, self.model(size), size, channel, **settings))
            self._running = wanted, made
        return self._running[1]

    def end(self):
        """Ends the deployment that runs, if one does."""
        self._running = None
        self._stack.close()
