"""Removing what lies under destroyed keys: encrypted parts, their search tokens, and the pieces of files.

Works on a connection that may delete (`service.log.database.connect` with ``destroyer``, or the role of that name).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from service.log.database import Database

TABLES = ("parts", "tokens", "file_chunks")
_AT_ONCE = 1000


class Found(msgspec.Struct, frozen=True):
    """What lies under some keys: the key of each part and of each file that still has pieces, and every token with its
    part."""

    parts: dict[str, str]
    tokens: list[tuple[bytes, str]]
    files: dict[str, str]

    def counted(self, keys: Sequence[str]) -> tuple[int, int, int]:
        """How many parts, tokens and files of it are under these keys."""
        own = {part for part, key in self.parts.items() if key in keys}
        return len(own), sum(part in own for _, part in self.tokens), sum(key in keys for key in self.files.values())


class Removal:
    """Finds and removes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def found(self, keys: list[str]) -> Found:
        """What lies under these keys. Reads the tables from one end to the other, once."""
        if not keys:
            return Found({}, [], {})
        among = self.database.among
        parts = dict(self.database.rows(f"SELECT id, key FROM parts WHERE key {among('keys')}", keys=keys))
        tokens: list[tuple[bytes, str]] = []
        if parts:
            rows = self.database.rows(f"SELECT token, part FROM tokens WHERE part {among('parts')}", parts=list(parts))
            tokens = [(bytes(token), part) for token, part in rows]
        with self.database.transaction():
            if self.database.engine != "sqlite":  # whoever is storing a file under one of them ends first
                self.database.rows("SELECT pg_advisory_xact_lock(7501, 4)")
            files = dict(
                self.database.rows(
                    f"SELECT id, key FROM files f WHERE key {among('keys')} "
                    "AND EXISTS (SELECT 1 FROM file_chunks c WHERE c.file = f.id)",
                    keys=keys,
                )
            )
        return Found(parts, tokens, files)

    def remove(self, keys: list[str]) -> None:
        """Delete all of it, a thousand rows in a transaction, so that others get their turn. Safe to repeat."""
        found = self.found(keys)
        # A token may go only while its part is there to say under which key it is.
        for some in _pieces(found.tokens):
            with self.database.transaction():
                for token, part in some:
                    self.database.rows("DELETE FROM tokens WHERE token = :t AND part = :p", t=token, p=part)
        for table, column, ids in (("parts", "id", found.parts), ("file_chunks", "file", found.files)):
            for some in _pieces(list(ids)):
                self.database.rows(f"DELETE FROM {table} WHERE {column} {self.database.among('ids')}", ids=some)

    def note(self, keys: list[str]) -> None:
        """Remember that nothing under these keys is left, in the files neither."""
        self.database.rows(f"UPDATE destroyed_keys SET removed = 1 WHERE key {self.database.among('keys')}", keys=keys)

    def noted(self) -> dict[str, str]:
        """Every key that this log knows as destroyed, with its subject."""
        return dict(self.database.rows("SELECT key, subject FROM destroyed_keys"))

    def left(self) -> list[str]:
        """Destroyed keys under which something may still lie, in a table or a file."""
        return [row[0] for row in self.database.rows("SELECT key FROM destroyed_keys WHERE removed = 0 ORDER BY key")]


def _pieces(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
