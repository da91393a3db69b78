"""How far a long work is, as the command line tells it."""

import json
import signal
import sys
import time
from contextlib import suppress
from typing import Any

import click

SILENCE, LOOK = 5.0, 1.0  # seconds


class Progress:
    """Within ``with``, in the main thread: one line that is written over on a terminal, else one JSON line per five
    seconds. While nothing moves, as for whoever waits for a lock or for a process that does not answer, it is the last
    line with the seconds since that was so: an alarm tells it, as a thread must not be there when a process forks. A single
    statement of SQLite holds it up until it ends.
    """

    def __init__(self) -> None:
        self._said = self._heard = time.monotonic()
        self._line: dict[str, Any] = {"step": "begin"}
        self._telling = False
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> "Progress":
        if not self._terminal:
            self._before = signal.signal(signal.SIGALRM, self._still)
            signal.setitimer(signal.ITIMER_REAL, SILENCE, LOOK)
        return self

    def __exit__(self, *_: object) -> None:
        """End the line."""
        if self._terminal:
            click.echo("", err=True)
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def __call__(self, done: int, of: int, rate: float, eta: float, step: str) -> None:
        if self._terminal:
            share = 100 * done // of if of else 100
            what = "rows" if step in ("index", "move", "prove") else "events"
            pace = f", {rate:,.0f}/s" if rate else ""
            left = f", {eta:.0f} s left" if rate or eta else ""
            click.echo(f"\r{step}: {done:,} of {of:,} {what} ({share} %){pace}{left}\x1b[K", err=True, nl=False)
            return
        line = {"step": step, "done": done, "of": of, "rate": round(rate, 1)}
        self._line, self._heard = line | ({"eta_seconds": round(eta)} if rate or eta else {}), time.monotonic()
        if self._heard - self._said >= SILENCE:
            self._tell(self._line)

    def _still(self, *_: object) -> None:
        now = time.monotonic()
        if not self._telling and now - self._said >= SILENCE:
            with suppress(RuntimeError):  # somebody else was just writing there
                self._tell(self._line | {"still_seconds": round(now - self._heard)})

    def _tell(self, line: dict[str, Any]) -> None:
        self._said, self._telling = time.monotonic(), True
        click.echo(json.dumps(line), err=True)
        self._telling = False
