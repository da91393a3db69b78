"""How far a long work is, for whoever waits for it."""

import time
from collections.abc import Callable

# What is done, of how many, how many a second, seconds left of the whole work, and the step: "fold", "catch up" and
# "compare" count events, "index" rows. Where nobody knows yet how many a second or what is left, it is 0.
Progress = Callable[[int, int, float, float, str], None]


class Steps:
    """Tells whoever wants to hear it how far the steps of a work are, and when all of it will have ended."""

    def __init__(self, progress: Progress | None, rested: Callable[[], float] = lambda: 0.0) -> None:
        self._progress, self._rested, self._step = progress, rested, ""
        self._following = 0.0  # seconds that what follows the step is expected to take

    def begin(self, step: str, of: int, done: int = 0, then: float = 0.0) -> None:
        """A step begins, with this much of it done before; what follows takes about ``then`` times as long as all of it,
        seconds ``rested`` left out. That another one ended is told at once, with what it let expect of this one."""
        another = bool(self._step)
        self._step, self._of, self._before, self._then = step, of, done, then
        self._expected, self._following = self._following, 0.0
        self._began, self._rested_before = time.monotonic(), self._rested()
        if another:
            self.done(0)

    def done(self, count: int) -> None:
        """So much was done since the step began."""
        took = max(time.monotonic() - self._began, 1e-9)
        done, rate = min(self._before + count, self._of), count / took
        left = (self._of - done) / rate if rate else max(0.0, self._expected - took)
        if count:
            worked = took - (self._rested() - self._rested_before)
            self._following = self._then * worked * self._of / count
        if self._progress is not None:
            self._progress(done, self._of, rate, left + self._following, self._step)
