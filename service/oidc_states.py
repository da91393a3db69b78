"""What is remembered while a browser is at the identity provider: on every worker, for ten minutes, once."""

from service.log.database import Database
from service.sessions import hashed

LASTS = 10 * 60  # seconds

SCHEMA = """
CREATE TABLE IF NOT EXISTS oidc_states (
  state TEXT PRIMARY KEY, nonce TEXT NOT NULL, verifier TEXT NOT NULL, begun BIGINT NOT NULL);
"""


def create_tables(database: Database) -> None:
    """Make the table. Safe to run again."""
    database.script(SCHEMA)


class States:
    """Sign-ins that are under way. Times are seconds since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, state: str, nonce: str, verifier: str, now: int) -> None:
        """Remember one; those that never came back are forgotten."""
        self._database.rows("DELETE FROM oidc_states WHERE begun < :old", old=now - LASTS)
        self._database.rows(
            "INSERT INTO oidc_states VALUES (:state, :nonce, :verifier, :now)",
            state=hashed(state),
            nonce=nonce,
            verifier=verifier,
            now=now,
        )

    def take(self, state: str, now: int) -> tuple[str, str] | None:
        """The nonce and the verifier of a state, once; None for one that is unknown, used or too old."""
        rows = self._database.rows(
            "DELETE FROM oidc_states WHERE state = :state AND begun > :old RETURNING nonce, verifier",
            state=hashed(state),
            old=now - LASTS,
        )
        return (rows[0][0], rows[0][1]) if rows else None
