"""How far a long work is, for whoever waits for it."""

import time
from collections.abc import Callable

# What is done, of how many, how many a second, seconds left of the step, and the step: "fold", "catch up" and "compare"
# count events, "index" tables.
Progress = Callable[[int, int, float, float, str], None]


class Steps:
    """Tells whoever wants to hear it how far the steps of a work are."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._step = progress, ""

    def begin(self, step: str, of: int, done: int = 0) -> None:
        """A step begins, with this much of it done before. That another one ended is told at once: with a rate of 0, as
        nobody knows yet what is left."""
        another = bool(self._step)
        self._step, self._of, self._before, self._began = step, of, done, time.monotonic()
        if another:
            self.done(0)

    def done(self, count: int) -> None:
        """So much was done since the step began."""
        if self._progress is None:
            return
        rate = count / max(time.monotonic() - self._began, 1e-9)
        done = min(self._before + count, self._of)
        self._progress(done, self._of, rate, (self._of - done) / rate if rate else 0.0, self._step)
