"""Files that have their name only when they are whole. What is written until then has none, so that whatever ends the
process leaves nothing of it that could be read."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from service.log.kept import flush_directory


@contextmanager
def whole(path: Path) -> Iterator[IO[Any]]:
    """A new file of bytes that only its owner may read. It takes its name, durable, when everything was written. Raises
    ``OSError``."""
    sweep(path)
    waiting = path.with_name(f".{path.name}.unfinished-{os.getpid()}")
    handle, name = _unnamed(path, waiting)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if not name:
                # Only with a directory does Python follow the link that stands for the file.
                os.link(f"/proc/self/fd/{file.fileno()}", waiting, src_dir_fd=file.fileno(), follow_symlinks=True)
        waiting.replace(path)
        flush_directory(path.parent)
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise


def _unnamed(path: Path, waiting: Path) -> tuple[int, bool]:
    """A file without a name, and whether it has one all the same, because the file system knows of no others."""
    try:
        return os.open(path.parent, os.O_TMPFILE | os.O_RDWR, 0o600), False
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            raise
    return os.open(waiting, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), True


def can_be_unnamed(folder: Path) -> bool:
    """Whether a file in this directory can have no name while it is written. Raises ``OSError``."""
    handle, name = _unnamed(folder / "casebook.zip", waiting := folder / f".casebook.unfinished-{os.getpid()}")
    os.close(handle)
    if name:
        waiting.unlink()
    return not name


def sweep(path: Path) -> None:
    """Remove what processes that are gone left of this file where it could not be without a name."""
    begin = f".{path.name}.unfinished-"
    for stale in path.parent.glob(f"{begin}*"):
        process = stale.name[len(begin) :]
        if process == str(os.getpid()) or not Path(f"/proc/{process}").exists():
            stale.unlink(missing_ok=True)
