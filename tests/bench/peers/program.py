"""The side of the bench: starts a peer's process and asks it, in turn with what is ours."""

import contextlib
import json
import os
import select
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.house.tables import ROOT

PATIENCE = 300.0  # seconds for one answer


class PeerFailed(RuntimeError):
    """The peer is installed and did not do what was asked; the message carries the end of what it said."""


class Program:
    """A peer's process inside ``with``. It is absent when one of the files it ``needs`` is."""

    def __init__(
        self, command: Sequence[str], needs: Sequence[Path], environment: dict[str, str] | None = None
    ) -> None:
        self.command, self.needs, self.environment = list(command), needs, environment or {}

    @property
    def absent(self) -> bool:
        return not all(path.exists() for path in self.needs)

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        return self

    def ask(self, task: str, count: int) -> float:
        """Seconds for one of ``count`` of a task. Raises `PeerFailed`."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(task, count, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise PeerFailed(self._said("ended")) from None
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            raise PeerFailed(self._said(f"no answer to {task} in {PATIENCE:.0f} s"))
        answer = self._process.stdout.readline()
        try:
            return float(json.loads(answer)["seconds"])
        except ValueError:
            raise PeerFailed(self._said(answer or "no answer")) from None

    def _said(self, what: str) -> str:
        self._errors.seek(0)
        return f"{' '.join(self.command)}: {what}\n{self._errors.read()[-2000:]}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        with self._process.stdout, self._errors:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            try:
                self._process.wait(10 if error is None else 0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
