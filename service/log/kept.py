"""A directory in which one process keeps the last checkpoint it answers for: on disk before anybody sees it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "checkpoint"


class InUse(Exception):
    """Another process holds the directory."""


class Kept:
    """The note that was written last, and whatever else is kept beside it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the directory, which is made when it is missing. Raises `InUse` while another process does."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(f"{self.directory} is in use by another process") from None
            yield

    def read(self, name: str = NAME) -> str | None:
        """What was kept under a name, or None. What is no text becomes one that nobody signed."""
        try:
            return (self.directory / name).read_text("utf-8", "replace")
        except FileNotFoundError:
            return None

    def names(self, kind: str) -> list[str]:
        """The names that begin with a word and a dash, in order."""
        return sorted(path.name for path in self.directory.glob(f"{kind}-*") if path.suffix != ".new")

    def drop(self, name: str) -> None:
        """Keep it no longer."""
        (self.directory / name).unlink()
        flush_directory(self.directory)

    def write(self, text: str, name: str = NAME) -> None:
        """Keep a text in place of the one before: flushed to disk, whole or not at all."""
        path = self.directory / name
        new = path.with_name(f"{name}.new")
        write_flushed(new, text)
        put_in_place(new, path)
        flush_directory(self.directory)


def write_flushed(path: Path, text: str) -> None:
    """Write a file of one's own and wait until it is on disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def put_in_place(new: Path, path: Path) -> None:
    """Exchange a file at once."""
    new.replace(path)


def flush_directory(directory: Path) -> None:
    """Wait until the names in a directory are on disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
