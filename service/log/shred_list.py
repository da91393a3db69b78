"""The shred list: what was lawfully destroyed, in a file of its own, apart from both databases and from their backups.

It is on disk before anything is removed. When an older backup is put back, what the list names is destroyed again before
anything is answered (`service.restored`). ``docs/reference/shred-list.md`` says what a line holds.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from service.log.kept import InUse, flush_directory

BEGINNING = "0" * 64


class ShredListDamaged(Exception):
    """A line is not what was written, or lines are missing before it."""


class Shredded(msgspec.Struct, frozen=True):
    """What was destroyed of one person: the ids of her keys, and how many parts, tokens and files there were. ``at`` is RFC
    3339 UTC, ``destruction`` the decision."""

    at: str
    destruction: str
    subject: str
    keys: tuple[str, ...]
    parts: int
    tokens: int
    files: int


_entry = msgspec.json.Decoder(Shredded)  # made before there are threads


def line_of(entry: Shredded, before: str) -> tuple[str, str]:
    """The hash of a line, which goes on from that of the line ``before``, and the line without its end."""
    text = msgspec.json.encode(entry).decode()
    own = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
    return own, f"{own} {text}"


class ShredList:
    """The list in a file. It does not exist before the first destruction."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Shredded]:
        """Every entry in order. A last line that was torn while it was written is left out: nothing was removed for it.
        Raises `ShredListDamaged`."""
        return self._parsed()[0]

    def append(self, entries: Iterable[Shredded]) -> None:
        """Add lines, durable when this returns. A torn last line is cut off. Raises `ShredListDamaged`."""
        _, whole, last = self._parsed()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(whole)
            file.seek(whole)
            for entry in entries:
                last, line = line_of(entry, last)
                file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        flush_directory(self.path.parent)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process destroys at a time. Raises `InUse`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f"{self.path.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(f"{self.path} is in use by another process that destroys") from None
            yield

    def _parsed(self) -> tuple[list[Shredded], int, str]:
        """The entries, how many bytes hold them, and the hash of the last line."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return [], 0, BEGINNING
        entries: list[Shredded] = []
        last, whole = BEGINNING, 0
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            own, _, text = line.partition(b" ")
            expected = hashlib.sha256(f"{last}\n".encode() + text).hexdigest()
            try:
                if own.decode() != expected:
                    raise ValueError
                entries.append(_entry.decode(text))
            except (ValueError, msgspec.DecodeError):
                raise ShredListDamaged(f"{self.path}: line {number} is not as it was written") from None
            last, whole = expected, whole + len(line) + 1
        return entries, whole, last
