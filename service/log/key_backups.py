"""Backups of the key store, which age out: a destroyed key must not come back from one.

A backup is an SQLite file with the tables of the store, on whatever engine the store is; its keys stay wrapped by the
master key, which is kept elsewhere. Its name says from when until when it is kept.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from service.log.database import connect
from service.log.kept import flush_directory
from service.log.keys import KeyStore

_NAME = re.compile(r"keys-(\d{8}T\d{6}Z)-until-(\d{4}-\d{2}-\d{2})\.db")
_COPIED = {
    "subject_keys": "id, subject, compartment, label, wrapped, master",
    "closed_subjects": "subject, destruction",
}


class Backup(msgspec.Struct, frozen=True):
    """One backup: its file, and the last day on which it is kept."""

    path: Path
    until: date


def write(keys: KeyStore, directory: Path, *, now: str, days: int) -> Backup:
    """Copy the store as it is at one moment, durable when this returns; nobody waits for it. ``now`` is RFC 3339 UTC."""
    moment = datetime.fromisoformat(now)
    until = moment.date() + timedelta(days=days)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"keys-{moment:%Y%m%dT%H%M%S}Z-until-{until.isoformat()}.db"
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    copy = KeyStore(connect(f"sqlite:///{unfinished}", owner=True), b"")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        copy.create()
        with keys.database.snapshot() as stream, copy.database.transaction():
            for table, columns in _COPIED.items():
                names = columns.split(", ")
                marks = ", ".join(f":{name}" for name in names)
                for row in stream(f"SELECT {columns} FROM {table}"):
                    copy.database.rows(f"INSERT INTO {table} VALUES ({marks})", **dict(zip(names, row, strict=True)))
        copy.database.rows("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    finally:
        copy.database.close()
    handle = os.open(unfinished, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    unfinished.replace(path)
    flush_directory(directory)
    return Backup(path, until)


def kept(directory: Path) -> Iterator[Backup]:
    """The backups of a directory, the oldest first."""
    with suppress(FileNotFoundError):
        for path in sorted(directory.iterdir()):
            if found := _NAME.fullmatch(path.name):
                yield Backup(path, date.fromisoformat(found[2]))


def expire(directory: Path, today: date) -> list[Backup]:
    """Overwrite and remove the backups whose last day is over, and what an interrupted one left; returns them."""
    gone = [one for one in kept(directory) if one.until < today]
    for path in [*(one.path for one in gone), *directory.glob("keys-*.new*")]:
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    if gone:
        flush_directory(directory)
    return gone
