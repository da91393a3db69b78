"""Keyed search tokens: what lets a NIK or a name be found without being stored in the open.

A token is an HMAC under a key of its own, never a plain hash: all the NIKs of a kecamatan can be tried in seconds. It
is written with the part it was taken from and erased with it.
"""

import hmac
from collections.abc import Iterable

from service.log.database import Database
from service.log.entries import Token


class TokenKey:
    """Turns token texts (see `service.log.names`) into what is stored. ``key`` is 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, text: str) -> bytes:
        """The stored form of a token text: 16 bytes of HMAC-SHA-256."""
        return hmac.digest(self._key, b"token\x00" + text.encode(), "sha256")[:16]

    def of(self, texts: Iterable[str], part: str) -> tuple[Token, ...]:
        """The tokens of one part."""
        return tuple(Token(self.digest(text), part) for text in sorted(set(texts)))

    def fingerprint(self, asked: bytes) -> bytes:
        """A keyed hash of a command's body, so that the same command id with another body is noticed."""
        return hmac.digest(self._key, b"command\x00" + asked, "sha256")


def parts_with(database: Database, tokens: Iterable[bytes], limit: int) -> list[str]:
    """Ids of the parts that hold any of ``tokens``, at most ``limit``."""
    wanted = sorted(set(tokens))
    if not wanted:
        return []
    # SQLite's list parameters travel as JSON, which has no bytes: compare hexadecimal text there.
    if database.engine == "sqlite":
        names = ", ".join(f":t{number}" for number in range(len(wanted)))
        values = {f"t{number}": token for number, token in enumerate(wanted)}
        rows = database.rows(f"SELECT DISTINCT part FROM tokens WHERE token IN ({names}) LIMIT :n", n=limit, **values)
    else:
        rows = database.rows(
            "SELECT DISTINCT part FROM tokens WHERE token = ANY(:tokens) LIMIT :n", tokens=wanted, n=limit
        )
    return [row[0] for row in rows]
